import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, textOf } from '../infra/snapshot.js'

describe('the index of decisions', () => {
  test('lists each decision once, in order, with its number, title, status and date', () => {
    const files = globSync('docs/decisions/[0-9]*.md', { cwd: root }).sort()
    const listed = textOf('docs/decisions/README.md')
      .split('\n')
      .filter((line) => /^\| +\d/.test(line))
    const row = /^\| +(\d+) \| \[(.+)\]\((.+)\) +\| (accepted|replaced by \[\d+\]\(.+\)) +\| \d{4}-\d\d-\d\d \|$/

    expect(files.length).toBeGreaterThan(30)
    expect(listed.map((line) => row.exec(line)?.slice(1, 4))).toEqual(
      files.map((path) => {
        const [, number, title] = /^# (\d+)\. (.+)\n/.exec(textOf(path)) ?? []
        return [number, title, basename(path)]
      }),
    )
  })

  test('numbers them as their files are numbered', () => {
    const numbers = globSync('docs/decisions/[0-9]*.md', { cwd: root }).map((path) => [
      Number(basename(path).slice(0, 4)),
      Number(/^# (\d+)\./.exec(textOf(path))?.[1]),
    ])

    expect(numbers.filter(([inName, inTitle]) => inName !== inTitle)).toEqual([])
  })
})
