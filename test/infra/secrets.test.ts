import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, textOf } from './snapshot.js'

const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.endsWith('.snapshot.json')) // made of what is looked at

describe('what is deployed', () => {
  test.each([...filesIn('infra/'), ...filesIn('.github/')])('has no secret in it: %s', (path) => {
    const text = textOf(path)

    expect(text).not.toMatch(/(AccountKey|SharedAccessKey|SharedAccessSignature|client-secret|password)\s*[=:]/i)
    expect(text).not.toMatch(/-----BEGIN|\blist(Keys|AccountSas)\(|\$\{\{\s*secrets\./)
    expect(text).not.toMatch(/eyJ[\w-]{20,}|[A-Za-z0-9+/]{80,}={0,2}/)
  })

  test('is deployed by an identity that GitHub vouches for', () => {
    const workflow = textOf('.github/workflows/deploy.yml')

    expect(workflow).toContain('id-token: write')
  })
})
