import { UsageError } from '../errors.js'
import { bash } from './bash.js'
import { fish } from './fish.js'
import { powershell } from './powershell.js'
import { SHELLS } from './words.js'
import { zsh } from './zsh.js'

const scripts = new Map([bash, zsh, fish, powershell].map((script) => [script.name, script]))

/** The completion script of a shell. @throws UsageError for another shell. */
export function completionFor(shell: string | undefined): string {
  const script = scripts.get(shell?.toLowerCase() ?? '')
  if (!script) throw new UsageError(`Which shell? altinn-broker completion ${SHELLS.join(', or ')}`)
  return script()
}
