import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { commands } from '../../clients/typescript/src/cli/commands.js'
import { completionFor } from '../../clients/typescript/src/cli/completion/completion.js'
import { helpFor } from '../../clients/typescript/src/cli/help.js'
import { parsed } from '../../clients/typescript/src/cli/run.js'

/** What a shell proposes at the end of each line. */
type Proposals = (script: string, lines: string[]) => Promise<string[]>

const output = async (command: string, ...args: string[]) => (await promisify(execFile)(command, args)).stdout
const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0

const inBash: Proposals = (script, lines) =>
  Promise.all(
    lines.map(async (line) => {
      const words = line.split(' ')
      const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}`
      const tried = `${script}\n${set}\n_altinn_broker; echo "\${COMPREPLY[@]}"`
      return (await output('bash', '-c', tried)).trim()
    }),
  )

const inFish: Proposals = async (script, lines) => {
  const asked = lines.map((line) => `complete -C '${line}' | string split -f1 \\t | string join ' '`)
  return (await output('fish', '--no-config', '-c', [script, ...asked, 'true'].join('\n'))).trim().split('\n')
}

const inPowershell: Proposals = async (script, lines) => {
  const asked = lines.map(
    (line) => `(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText -join ' '`,
  )
  return (await output('pwsh', '-NoProfile', '-Command', [script, ...asked].join('\n'))).trim().split('\n')
}

const shells: [string, string, Proposals][] = [
  ['bash', 'bash', inBash],
  ['fish', 'fish', inFish],
  ['powershell', 'pwsh', inPowershell],
]

const lines = [
  'altinn-broker se',
  'altinn-broker inbox --status Pu',
  'altinn-broker send --pr',
  'altinn-broker receive --names k',
  'altinn-broker completion z',
]
const proposed = ['send', 'Published Purged', '--promise-md5 --property', 'keep', 'zsh']

describe('the completion of', () => {
  for (const [shell, program, proposals] of shells)
    test.skipIf(!isThere(program))(`${shell} proposes commands, options and their values`, async () => {
      const found = await proposals(completionFor(shell), lines)

      expect(found.map((words) => words.split(' ').sort().join(' '))).toEqual(proposed)
    })

  test('zsh has each option with its values', () => {
    const script = completionFor('zsh')

    expect(script).toMatch(/^#compdef altinn-broker\n/)
    expect(script).toContain("'*--to[who receives; may come several times, or with commas]:ORG: '")
    expect(script).toMatch(/'--names\[[^\]]+\]:HOW:\(number keep id\)'/)
    if (isThere('zsh')) expect(spawnSync('zsh', ['-n'], { input: script })).toMatchObject({ status: 0 })
  })

  test.each(['bash', 'zsh', 'fish', 'powershell'])('%s has every command and every option', (shell) => {
    const script = completionFor(shell)

    for (const [name, { options }] of Object.entries(commands)) {
      expect(script).toContain(name)
      for (const option of Object.keys(options)) expect(script).toMatch(new RegExp(`(--|-l )${option}\\b`))
    }
  })

  test('another shell is a usage error', () => {
    expect(() => completionFor('tcsh')).toThrow('altinn-broker completion bash, or zsh, or fish, or powershell')
  })
})

describe('the help of', () => {
  test.each(Object.entries(commands))('%s has examples that it takes', (name, command) => {
    const examples = command.examples.map((example) => example.replaceAll(/ [<|].*$/g, ''))

    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
      const { positionals } = parsed(name, command, words)
      expect(positionals.length).toBeGreaterThanOrEqual(command.takes.atLeast)
      expect(positionals.length).toBeLessThanOrEqual(command.takes.atMost)
      expect(helpFor(name, command)).toContain(`  altinn-broker ${name} ${example}`.trimEnd())
    }
  })
})
