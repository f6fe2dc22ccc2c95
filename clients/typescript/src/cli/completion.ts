import { commands } from './commands.js'
import { UsageError } from './errors.js'
import { commonOptions, type Option } from './options.js'

const optionsOf = (name: string): [string, Option][] => [
  ...Object.entries(commands[name]?.options ?? {}),
  ...Object.entries(commonOptions),
]
const names = Object.keys(commands)

/** The completion script of a shell. @throws UsageError for a shell other than bash and zsh. */
export function completionFor(shell: string | undefined): string {
  if (shell === 'bash') return bash()
  if (shell === 'zsh') return zsh()
  throw new UsageError('Which shell? altinn-broker completion bash, or zsh')
}

function bash(): string {
  const cases = names.map((name) => {
    const words = optionsOf(name).map(([option]) => `--${option}`)
    return `    ${name}) words="${words.join(' ')}" ;;`
  })
  const choices = new Map(names.flatMap(optionsOf).flatMap(([name, { choices }]) => (choices ? [[name, choices]] : [])))
  const chosen = [...choices].map(([name, values]) => `    --${name}) words="${values.join(' ')}" ;;`)
  return `# altinn-broker completion bash > ~/.local/share/bash-completion/completions/altinn-broker
_altinn_broker() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$before" in
${chosen.join('\n')}
  esac
  if [ -z "$words" ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      words="${names.join(' ')} completion --help --version"
    elif [[ "$word" == -* ]]; then
      case "\${COMP_WORDS[1]}" in
${cases.map((line) => `    ${line}`).join('\n')}
      esac
    fi
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _altinn_broker altinn-broker
`
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

function zsh(): string {
  const described = Object.entries(commands).map(([name, { about }]) => quoted(`${name}:${about}`))
  const cases = names.map((name) => {
    const all = optionsOf(name).map(([option, { about, value, choices, isFile, multiple }]) => {
      const kind = choices ? `(${choices.join(' ')})` : isFile ? '_files' : ' '
      const what = about.replace(/[[\]:]/g, ' ')
      return quoted(`${multiple ? '*' : ''}--${option}[${what}]${value ? `:${value}:${kind}` : ''}`)
    })
    const rest = commands[name]?.takes.isFile ? ["'*:file:_files'"] : []
    return `    ${name}) _arguments ${[...all, ...rest].join(' ')} ;;`
  })
  return `#compdef altinn-broker
# altinn-broker completion zsh > a file _altinn-broker in a folder of $fpath
_altinn_broker() {
  if (( CURRENT == 2 )); then
    local -a commands=(${described.join(' ')} 'completion:prints a script that completes commands')
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _altinn_broker altinn-broker
`
}
