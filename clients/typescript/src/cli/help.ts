import type { Command } from './command.js'
import { commands } from './commands.js'
import { EXIT_MEANINGS } from './errors.js'
import { commonOptions, type Option } from './options.js'
import { settingVariables } from './settings.js'

const aligned = (rows: [string, string][]) => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}

const optionRow = ([name, { short, value, about }]: [string, Option]): [string, string] => [
  `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`,
  about,
]

/** The help of the program. */
export const help = (): string =>
  [
    'altinn-broker COMMAND [OPTIONS]: files by Altinn Broker',
    '',
    ...aligned([
      ...Object.entries(commands).map(([name, { about }]): [string, string] => [name, about]),
      ['completion', 'prints a script that completes commands: bash, zsh, fish or powershell'],
    ]),
    '',
    'Options of every command:',
    ...aligned(Object.entries(commonOptions).map(optionRow)),
    '',
    'Exit codes:',
    ...aligned(EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning])),
    '',
    'Settings come from options, else the environment, else $XDG_CONFIG_HOME/altinn-broker/config.json:',
    ...aligned(Object.entries(settingVariables)),
    '',
    'Try: npm start in one terminal, and altinn-broker send FILE --local | altinn-broker receive - --local in another.',
  ].join('\n')

/** The help of a command. */
export const helpFor = (name: string, { about, takes, options, examples }: Command): string =>
  [
    `altinn-broker ${[name, takes.called, '[OPTIONS]'].filter((part) => part !== '').join(' ')}: ${about}`,
    '',
    ...aligned([...Object.entries(options), ...Object.entries(commonOptions)].map(optionRow)),
    '',
    'Examples:',
    ...examples.map((example) => `  altinn-broker ${name} ${example}`.trimEnd()),
  ].join('\n')
