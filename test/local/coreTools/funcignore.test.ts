import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../../local/paths.js'

/**
 * As Core Tools read .funcignore (GitIgnoreParser.cs there): a pattern is the beginning of a path from the root, `*` any
 * part of a name, and one with `!` wins wherever it stands.
 */
function sentBy(funcignore: string) {
  const lines = funcignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  const beginning = (patterns: string[]) => {
    const escaped = patterns.map((pattern) =>
      pattern.replace(/[-[\]/{}()+?.\\^$|]/g, '\\$&').replaceAll('*', '([^/]+)'),
    )
    return new RegExp(`^(${escaped.join('|')})`)
  }
  const kept = beginning(lines.flatMap((line) => (line.startsWith('!') ? line.slice(1) : [])))
  const ignored = beginning(lines.filter((line) => !line.startsWith('!')))
  return (path: string) => kept.test(path) || !ignored.test(path)
}

const isSent = sentBy(readFileSync(join(projectRoot, '.funcignore'), 'utf8'))

test('publishing from the project sends what a package has: its files, its code, its modules', () => {
  const { main } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'))
  const code = main.replace('*/*.js', 'http/fileTransfer.js')

  const needed = ['host.json', 'package.json', code, 'dist/src/app.js', 'node_modules/swagger-ui-dist/swagger-ui.css']
  expect(needed.filter((path) => !isSent(path))).toEqual([])
})

test('publishing from the project sends no file of the repository but these two, and nothing that is local', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' }).trim().split('\n')
  const local = [
    'local.settings.json',
    '.env',
    '.local/azurite/x',
    'dist/local/stack.js',
    'dist/tools/x.js',
    'build/app.zip',
  ]

  expect(files.filter(isSent)).toEqual(['host.json', 'package.json'])
  expect(local.filter(isSent)).toEqual([])
})
