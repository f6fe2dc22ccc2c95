import { UsageError } from '../errors.js'
import { bash } from './bash.js'
import { fish } from './fish.js'
import { powershell } from './powershell.js'
import { SHELLS } from './words.js'
import { zsh } from './zsh.js'

const scripts = new Map([bash, zsh, fish, powershell].map((script) => [script.name, script]))

/** Where each shell looks for its script. */
export const completionHelp = [
  'altinn-broker completion SHELL: prints a script that completes commands',
  '',
  'Examples:',
  '  altinn-broker completion bash > ~/.local/share/bash-completion/completions/altinn-broker',
  '  altinn-broker completion zsh > FOLDER/_altinn-broker, in a folder of $fpath',
  '  altinn-broker completion fish > ~/.config/fish/completions/altinn-broker.fish',
  '  altinn-broker completion powershell >> $PROFILE',
].join('\n')

/** The completion script of a shell. @throws UsageError for another shell. */
export function completionFor(shell: string | undefined): string {
  const script = scripts.get(shell?.toLowerCase() ?? '')
  if (!script) throw new UsageError(`Which shell? altinn-broker completion ${SHELLS.join(', or ')}`)
  return script()
}
