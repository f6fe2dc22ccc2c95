import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { root, textOf } from './bicep.js'

const filesIn = (folder: string) =>
  readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.replace(/\/*$/, '/')}${entry.name}`.replace(root.pathname, ''))

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
