import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Command } from './command.js'
import { commands } from './commands.js'
import { completionFor, completionHelp } from './completion/completion.js'
import { connect, connectLocally, LOCAL, publicBroker } from './connect.js'
import { fetchSayingOutages } from './connection/outages.js'
import { errorAbout, UsageError } from './errors.js'
import { help, helpFor } from './help.js'
import { commonOptions, textIn, type Values } from './options.js'
import { triesIn } from './optionValues.js'
import { outputTo } from './output.js'
import { printable } from './printable.js'
import { configFileOf, readSettings } from './settings.js'

/** Runs the command line. @throws the error of the command. */
export async function run(argv: string[], signal: AbortSignal): Promise<void> {
  const [name = '--help', ...rest] = argv
  if (['help', '--help', '-h'].includes(name)) return rest[0] ? run([rest[0], '--help'], signal) : print(help())
  if (name === '--version') return print(version())
  const asksForHelp = rest.some((word) => ['--help', '-h'].includes(word))
  if (name === 'completion') return print(asksForHelp ? completionHelp : completionFor(rest[0]))
  const command = commands[name]
  if (!command) throw new UsageError(`${name} is no command. See altinn-broker --help`)
  const { values, positionals } = parsed(name, command, rest)
  if (values.help) return print(helpFor(name, command))
  const { atLeast, atMost, called } = command.takes
  if (positionals.length < atLeast || positionals.length > atMost)
    throw new UsageError(
      `altinn-broker ${name} takes ${called || 'nothing but options'}. See altinn-broker ${name} --help`,
    )

  const file = textIn(values, 'config')
  const stored = await readSettings(
    process.env,
    file ?? configFileOf(process.env),
    file !== undefined && name !== 'login',
  )
  const url = textIn(values, 'url')
  const settings = { ...stored, ...(url !== undefined && { url }) }
  if (values.as !== undefined && !values.local)
    throw new UsageError('--as goes with --local: elsewhere the token tells')
  const output = outputTo(process.stdout, process.stderr, { json: values.json === true, quiet: values.quiet === true })
  const tries = triesIn(values, command.options.retry !== undefined)
  const { say } = output
  const calling = { patience: { tries }, ...(tries > 1 && { say, fetch: fetchSayingOutages(say) }) }
  const isOfOne = command.takes.called.includes('ID') && positionals.length === 1 && positionals[0] !== '-'
  const locally = () =>
    connectLocally(process.env, textIn(values, 'as') ?? LOCAL[values.sent ? 'sender' : command.role], calling)
  const running = command.run({
    names: positionals,
    values,
    settings,
    signal,
    output,
    connect: async () => (values.local ? locally() : connect(settings, calling, signal)),
    publicBroker: () => (values.local ? locally().broker : publicBroker(settings, calling)),
  })
  await running.catch((error: unknown) => {
    throw isOfOne ? errorAbout(positionals[0], error) : error
  })
}

/** The options and arguments of a command. @throws UsageError */
export function parsed(name: string, command: Command, args: string[]): { values: Values; positionals: string[] } {
  try {
    const known = Object.entries({ ...command.options, ...commonOptions })
    const options = Object.fromEntries(
      known.map(([option, { type, short, multiple }]) => [
        option,
        {
          type,
          ...(short && { short }),
          ...(multiple && { multiple }),
        },
      ]),
    )
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const sentences = error instanceof Error ? error.message.split(/[.?]\s/) : [String(error)]
    const advice = sentences.find((each) => each.includes('argument starting with a dash'))?.replace(/\.$/, '')
    throw new UsageError(`${advice ?? sentences[0]}. See altinn-broker ${name} --help`)
  }
}

const print = (text: string) => void process.stdout.write(`${text.trimEnd().split('\n').map(printable).join('\n')}\n`)

const version = (): string => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
