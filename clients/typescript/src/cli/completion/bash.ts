import { choices, described, names, optionsOf, SHELLS } from './words.js'

/** The completion script of bash. */
export function bash(): string {
  const cases = names.map((name) => {
    const words = optionsOf(name).map(([option]) => `--${option}`)
    return `    ${name}) words="${words.join(' ')}" ;;`
  })
  const chosen = [...choices].map(([name, values]) => `    --${name}) words="${values.join(' ')}" ;;`)
  return `# altinn-broker completion bash > ~/.local/share/bash-completion/completions/altinn-broker
_altinn_broker() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$before" in
${chosen.join('\n')}
  esac
  if [ -z "$words" ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      words="${described.map(([name]) => name).join(' ')} --help --version"
    elif [ "\${COMP_WORDS[1]}" = completion ]; then
      words="${SHELLS.join(' ')}"
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
