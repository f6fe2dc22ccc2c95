import type { BrokerClient } from '../client.js'
import type { Connection } from './connect.js'
import type { Option, Values } from './options.js'
import type { Output } from './output.js'
import type { Settings } from './settings.js'

/** The input of a command. */
export type Run = {
  names: string[]
  values: Values
  settings: Settings
  output: Output
  signal: AbortSignal
  /** Connects to Broker as the organisation of the user, or of `--as`. */
  connect(): Promise<Connection>
  /** Broker for what needs no token: nobody need be logged in. */
  publicBroker(): BrokerClient
}

/** A command of the command line. */
export type Command = {
  /** One line for the help. */
  about: string
  /** For the help: the arguments after the name of the command. */
  examples: string[]
  /** The arguments: their name, such as `FILE...`, and how many. */
  takes: { called: string; atLeast: number; atMost: number; isFile?: true }
  options: Record<string, Option>
  /** The organisation that it acts as with `--local`, unless `--as` names another. */
  role: 'sender' | 'recipient'
  run(run: Run): Promise<void>
}
