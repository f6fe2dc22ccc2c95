import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, textOf } from '../infra/snapshot.js'

describe('the index of decisions', () => {
  const index = textOf('docs/decisions/README.md')
  const files = globSync('docs/decisions/[0-9]*.md', { cwd: root }).sort()

  test('is what npm run decisions writes', () => {
    expect(execFileSync(process.execPath, ['tools/pages/decisions.ts'], { cwd: root, encoding: 'utf8' })).toBe(index)
  })

  test('lists each decision once, in order, with its number, title, status and date', () => {
    const row = /^\| (\d+) +\| \[(.+)\]\((.+)\) +\| (?:accepted|replaced by .+?) +\| \d{4}-\d\d-\d\d \|$/gm

    expect(files.length).toBeGreaterThan(30)
    expect([...index.matchAll(row)].map((cells) => cells.slice(1, 4))).toEqual(
      files.map((path) => [...(/^# (\d+)\. (.+)\n/.exec(textOf(path)) ?? []).slice(1), basename(path)]),
    )
  })

  test('numbers them as their files are numbered', () => {
    const numbers = files.map((path) => [
      Number(basename(path).slice(0, 4)),
      Number(/^# (\d+)\./.exec(textOf(path))?.[1]),
    ])

    expect(numbers.filter(([inName, inTitle]) => inName !== inTitle)).toEqual([])
  })
})
