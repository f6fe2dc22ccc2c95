import type { Option } from '../options.js'
import { described, names, optionsOf, SHELLS, takesFiles } from './words.js'

const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

/** The completion script of fish. */
export function fish(): string {
  const commands = described.map(([name, about]) => `-n __fish_use_subcommand -a ${name} -d ${quoted(about)}`)
  const of = (name: string) => `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
  const options = names.flatMap((name) => optionsOf(name).map((option) => `${of(name)} ${optionLine(option)}`))
  const files = names.filter(takesFiles).map((name) => `${of(name)} -F`)
  const shells = `${of('completion')} -a ${quoted(SHELLS.join(' '))}`
  const lines = ['-f', ...commands, ...options, ...files, shells].map((line) => `complete -c altinn-broker ${line}\n`)
  return `# altinn-broker completion fish > ~/.config/fish/completions/altinn-broker.fish\n${lines.join('')}`
}

function optionLine([name, { short, about, value, choices, isFile }]: [string, Option]): string {
  const values = choices ? `-x -a ${quoted(choices.join(' '))}` : isFile ? '-r -F' : value ? '-x' : ''
  return [`-l ${name}`, short ? `-s ${short}` : '', values, `-d ${quoted(about)}`].filter(Boolean).join(' ')
}
