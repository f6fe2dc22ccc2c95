import { choices, described, names, optionsOf, SHELLS } from './words.js'

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
const list = (words: readonly string[]) => `@(${words.map(quoted).join(', ')})`

/** The completion script of PowerShell. */
export function powershell(): string {
  const commands = described.map(([name, about]) => `    ${quoted(name)} = ${quoted(about)}`)
  const options = names.map((name) => {
    const own = optionsOf(name).map(([option, { about }]) => `      ${quoted(`--${option}`)} = ${quoted(about)}`)
    return `    ${quoted(name)} = [ordered]@{\n${own.join('\n')}\n    }`
  })
  const values = [...choices].map(([name, words]) => `    ${quoted(`--${name}`)} = ${list(words)}`)
  return `# altinn-broker completion powershell >> $PROFILE
Register-ArgumentCompleter -Native -CommandName altinn-broker -ScriptBlock {
  param($word, $ast, $cursor)
  $commands = [ordered]@{
${commands.join('\n')}
  }
  $options = @{
${options.join('\n')}
  }
  $values = @{
${values.join('\n')}
  }
  $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } | ForEach-Object { "$_" })
  $found = if ($before.Count -gt 1 -and $values.Contains($before[-1])) { $values[$before[-1]] }
    elseif ($before.Count -le 1) { $commands }
    elseif ($before[1] -eq 'completion') { ${list(SHELLS)} }
    elseif ($word -like '-*' -and $options.Contains($before[1])) { $options[$before[1]] }
  # Without a result PowerShell completes the names of files.
  $words = if ($found -is [System.Collections.IDictionary]) { $found.Keys } else { $found }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object {
    $about = if ($found -is [System.Collections.IDictionary]) { $found[$_] } else { $_ }
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $about)
  }
}
`
}
