import type { Connection } from './connect.js'
import type { Option, Values } from './options.js'
import type { Output } from './output.js'
import type { Settings } from './settings.js'

/** What a command runs with. */
export type Run = {
  names: string[]
  values: Values
  settings: Settings
  output: Output
  signal: AbortSignal
  /** Broker as the organisation that the user is, or is to be by `--as`. */
  connect(): Promise<Connection>
}

export type Command = {
  /** What it does, in one line. */
  about: string
  /** What comes after it, such as `FILE...`; with how many at least and at most. */
  takes: { called: string; atLeast: number; atMost: number; isFile?: true }
  options: Record<string, Option>
  /** Who it is as with `--local`, if nothing is said. */
  role: 'sender' | 'recipient'
  run(run: Run): Promise<void>
}
