/** An option of a command, for the parser, the help and the completion. */
export type Option = {
  type: 'string' | 'boolean'
  /** One line for the help. */
  about: string
  /** The name of its value; for `string` alone. */
  value?: string
  short?: string
  multiple?: true
  choices?: readonly string[]
  isFile?: true
}

/** The options of every command. */
export const commonOptions: Record<string, Option> = {
  local: { type: 'boolean', about: 'talk to the local stack (npm start), without any set-up' },
  as: { type: 'string', value: 'ORG', about: 'the organisation to act as, with --local' },
  url: { type: 'string', value: 'URL', about: 'where Broker is, such as platform.altinn.no' },
  config: { type: 'string', value: 'FILE', about: 'another file with settings', isFile: true },
  json: { type: 'boolean', about: 'answer in JSON, for programs' },
  quiet: { type: 'boolean', short: 'q', about: 'no progress' },
  help: { type: 'boolean', short: 'h', about: 'tell how to use it' },
}

/** The option of commands that go on by themselves for as long as Broker does not answer. */
export const retryOption: Option = {
  type: 'string',
  value: 'N',
  about: 'retries while Broker does not answer, or FOREVER (default)',
}

/** The option for when recipients who have not confirmed are reminded. */
export const remindOption = (about: string): Option => ({ type: 'string', value: 'DURATIONS', multiple: true, about })

export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

/** The value of a text option. */
export const textIn = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}
