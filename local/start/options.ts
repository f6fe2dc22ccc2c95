import { parseArgs } from 'node:util'

/** What `npm start` is asked for, in arguments and in the environment. */
export type StartOptions = {
  /** Keep the data of the storage for the next time. */
  keep: boolean
  /** How the log of the app is printed: as lines for people, or as the JSON that it writes. */
  log: 'lines' | 'json'
  emulators: 'own' | 'compose'
}

/** @throws with a sentence for an option that there is not. */
export function startOptions(args: string[], { LOCAL_EMULATORS = '' }: NodeJS.ProcessEnv): StartOptions {
  const { values } = parseArgs({ args, options: { keep: { type: 'boolean' }, log: { type: 'string' } } })
  const { keep = false, log = 'lines' } = values
  if (log !== 'lines' && log !== 'json') throw new Error(`--log is "${log}"; it can be "lines" or "json".`)
  if (!['', 'own', 'compose'].includes(LOCAL_EMULATORS)) {
    throw new Error(`LOCAL_EMULATORS is "${LOCAL_EMULATORS}"; it can be "own" or "compose".`)
  }
  return { keep, log, emulators: LOCAL_EMULATORS === 'compose' ? 'compose' : 'own' }
}
