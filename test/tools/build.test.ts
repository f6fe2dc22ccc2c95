import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../local/paths.js'

const folder = mkdtempSync(join(tmpdir(), 'broker-build-'))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
const made = () => readdirSync(join(folder, 'dist/src')).sort()
const writtenAt = () => statSync(join(folder, 'dist/src/one.js')).mtimeMs
const PATH = [join(projectRoot, 'node_modules/.bin'), process.env.PATH].join(delimiter)
const build = () =>
  execFileSync(process.execPath, [join(projectRoot, 'tools/build.ts')], {
    cwd: folder,
    env: { ...process.env, PATH },
    stdio: 'pipe',
  })

describe('a build', () => {
  mkdirSync(join(folder, 'src'))
  write('package.json', JSON.stringify({ type: 'module', scripts: { client: 'exit 0', console: 'exit 0' } }))
  write('tsconfig.build.json', JSON.stringify({ compilerOptions: { outDir: 'dist', rootDir: '.' }, include: ['src'] }))
  write('src/one.ts', 'export const one = 1')
  write('src/two.ts', 'export const two = 2')

  test('compiles what was never compiled', () => {
    build()

    expect(made()).toEqual(['one.js', 'two.js'])
  })

  test('leaves what is up to date alone', () => {
    const before = writtenAt()

    build()

    expect(writtenAt()).toBe(before)
  })

  test('compiles what has changed', () => {
    const before = writtenAt()
    write('src/one.ts', 'export const one = 3')

    build()

    expect(writtenAt()).toBeGreaterThan(before)
  })

  test('leaves nothing of a source that is gone', () => {
    rmSync(join(folder, 'src/two.ts'))

    build()

    expect(made()).toEqual(['one.js'])
  })

  test('fails as long as a source does not compile', () => {
    write('src/one.ts', 'export const one: string = 1')
    expect(build).toThrow()
    expect(build).toThrow()
  })

  test('compiles again what was removed', () => {
    write('src/one.ts', 'export const one = 1')
    build()
    rmSync(join(folder, 'dist'), { recursive: true })

    build()

    expect(existsSync(join(folder, 'dist/src/one.js'))).toBe(true)
  })
})
