import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const script = join(import.meta.dirname, '../../tools/release.ts')
const CHANGELOG = `# Changelog

## [Unreleased]

### Added

- A bell.

## [0.1.0] - 2026-11-27

### Added

- All.
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'))
  mkdirSync(join(folder, 'clients/typescript'), { recursive: true })
  write('package.json', '{ "name": "broker", "version": "0.2.0" }\n')
  write('clients/typescript/package.json', '{\n  "name": "client",\n  "version": "0.1.0"\n}\n')
  write('CHANGELOG.md', CHANGELOG)
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8' })

describe('a release', () => {
  test('has what was unreleased, under its number and date, and the client has its number', () => {
    expect(run().status).toBe(0)

    expect(read('CHANGELOG.md')).toMatch(
      /^# Changelog\n\n## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- A bell\.\n\n## \[0\.1\.0\]/,
    )
    expect(read('clients/typescript/package.json')).toBe('{\n  "name": "client",\n  "version": "0.2.0"\n}\n')
    expect(run('notes').stdout).toBe('### Added\n\n- A bell.\n')
  })

  test('is none when nothing is unreleased, and has no notes before it is made', () => {
    const early = run('notes')
    run()
    const again = run()

    expect(early.stderr).toContain('CHANGELOG.md has no release 0.2.0.')
    expect(again.stderr).toContain('CHANGELOG.md has nothing that is unreleased.')
    expect([early.status, again.status]).toEqual([1, 1])
  })
})
