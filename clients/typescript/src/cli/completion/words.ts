import { commands } from '../commands.js'
import { commonOptions, type Option } from '../options.js'

/** The shells that completion is made for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell']

/** The commands with their descriptions. */
export const described: [string, string][] = [
  ...Object.entries(commands).map(([name, { about }]): [string, string] => [name, about]),
  ['completion', 'prints a script that completes commands'],
]

/** The commands that have options, or take files. */
export const names = Object.keys(commands)

/** The options of a command by name. */
export const optionsOf = (name: string): [string, Option][] => [
  ...Object.entries(commands[name]?.options ?? {}),
  ...Object.entries(commonOptions),
]

/** Whether the arguments of a command are files. */
export const takesFiles = (name: string): boolean => commands[name]?.takes.isFile === true

/** The values of each option that has a few, by its name. */
export const choices: ReadonlyMap<string, readonly string[]> = new Map(
  names.flatMap(optionsOf).flatMap(([name, { choices }]) => (choices ? [[name, choices]] : [])),
)
