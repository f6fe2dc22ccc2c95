import type { Command } from './command.js'
import { changes } from './commands/changes.js'
import { group } from './commands/group.js'
import { inbox } from './commands/inbox.js'
import { key } from './commands/key.js'
import { login } from './commands/login.js'
import { receipt, verify } from './commands/receipt.js'
import { receive } from './commands/receive.js'
import { resource } from './commands/resource.js'
import { send } from './commands/send.js'
import { token } from './commands/token.js'
import { cancel, confirm, expire, status, watch } from './commands/transfer.js'

/** All commands that call Broker. */
export const commands: Record<string, Command> = {
  send,
  receive,
  inbox,
  changes,
  status,
  confirm,
  cancel,
  expire,
  watch,
  group,
  receipt,
  verify,
  key,
  resource,
  login,
  token,
}
