import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { root, textOf } from './snapshot.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bicep-'))
  for (const each of ['tools', 'infra']) cpSync(join(root, each), join(folder, each), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** `npm run check:infra`'s first half, where no compiler was restored, and nothing but this folder is on PATH. */
function check(env: Record<string, string> = {}, args: string[] = []) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'tools/bicep.ts'), ...args], {
    env: { PATH: folder, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr: stderr.replace(/^.*(ExperimentalWarning|--trace-warnings).*\n/gm, '') }
}

const [, PINNED = ''] = /Version="\[(.*)\]"/.exec(textOf('tools/bicep/bicep.csproj')) ?? []

/** A compiler of this version, which says this of everything. */
function compilerThatSays(line: string, version = PINNED) {
  const path = join(folder, 'bicep')
  writeFileSync(
    path,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo 'Bicep CLI version ${version} (0)'; else echo '${line}'; fi\n`,
  )
  chmodSync(path, 0o755)
}

describe('the check of the templates', () => {
  test('says in one line that it was skipped where there is no compiler', () => {
    expect(check()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^SKIPPED: .*\n$/) })
  })

  test('fails there where everything must be checked', () => {
    expect(check({ CI: 'true' })).toMatchObject({ status: 1, stdout: expect.stringMatching(/^SKIPPED: /) })
  })

  test.each([
    PINNED,
    '0.48.1', // where the package of the right one cannot be had
  ])('takes the compiler that is on PATH: %s', (version) => {
    compilerThatSays('', version)

    expect(check()).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Bicep: /) })
  })

  test('fails at a warning, with which the compiler ends well', () => {
    compilerThatSays('main.bicep(1,1) : Warning no-unused-vars: Variable "x" is declared but never used.')

    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('Warning no-unused-vars') })
  })
})

test('snapshots have their outputs in one order, whatever that of the compiler', () => {
  const path = join(folder, 'infra/environments/dev.snapshot.json')
  const kept = readFileSync(path, 'utf8')
  const { outputs, ...others } = JSON.parse(kept)
  writeFileSync(path, JSON.stringify({ ...others, outputs: Object.fromEntries(Object.entries(outputs).reverse()) }))
  compilerThatSays('')

  expect(check({}, ['snapshots'])).toMatchObject({ status: 0 })

  expect(readFileSync(path, 'utf8')).toBe(kept)
})
