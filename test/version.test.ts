import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publicDocument } from '../src/http/openapi/openApi.js'
import { build, commit, version } from '../src/lib/version.js'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const released = JSON.parse(textOf('package.json')).version

describe('the version in package.json', () => {
  test('is what the app knows, without a commit where there is no package', () => {
    expect({ version, commit, build }).toEqual({ version: released, commit: undefined, build: released })
  })

  test.each(['openapi.json', 'openapi-3.0.json'])('is that of %s', (path) => {
    expect(JSON.parse(textOf(path)).info.version).toBe(released)
    expect(publicDocument().info.version).toBe(released)
  })

  test.each(['clients/typescript/package.json', 'package-lock.json'])('is that of %s', (path) => {
    expect(JSON.parse(textOf(path)).version).toBe(released)
  })

  test('is the newest that the changelog has released', () => {
    const headings = [...textOf('CHANGELOG.md').matchAll(/^## \[(.*?)\](?: - (\d{4}-\d\d-\d\d))?$/gm)]

    expect(headings[0]?.[1]).toBe('Unreleased')
    expect(headings[1]?.slice(1)).toEqual([released, expect.any(String)])
  })
})
