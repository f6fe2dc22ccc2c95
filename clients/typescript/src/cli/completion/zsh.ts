import { described, names, optionsOf, SHELLS, takesFiles } from './words.js'

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** The completion script of zsh. */
export function zsh(): string {
  const all = described.map(([name, about]) => quoted(`${name}:${about}`))
  const cases = names.map((name) => {
    const options = optionsOf(name).map(([option, { about, value, choices, isFile, multiple }]) => {
      const kind = choices ? `(${choices.join(' ')})` : isFile ? '_files' : ' '
      const what = about.replace(/[[\]:]/g, ' ')
      return quoted(`${multiple ? '*' : ''}--${option}[${what}]${value ? `:${value}:${kind}` : ''}`)
    })
    const rest = takesFiles(name) ? ["'*:file:_files'"] : []
    return `    ${name}) _arguments ${[...options, ...rest].join(' ')} ;;`
  })
  return `#compdef altinn-broker
# altinn-broker completion zsh > a file _altinn-broker in a folder of $fpath
_altinn_broker() {
  if (( CURRENT == 2 )); then
    local -a commands=(${all.join(' ')})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    completion) _values shell ${SHELLS.join(' ')} ;;
${cases.join('\n')}
  esac
}
compdef _altinn_broker altinn-broker
`
}
