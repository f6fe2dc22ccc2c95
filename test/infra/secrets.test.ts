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
  test.each(['infra/', '.github/'])('has no secret in it: %s', (folder) => {
    const secrets = [
      /(AccountKey|SharedAccessKey|SharedAccessSignature|client-secret|password)\s*[=:]/i,
      /-----BEGIN|\blist(Keys|AccountSas)\(|\$\{\{\s*secrets\./,
      /eyJ[\w-]{20,}|[A-Za-z0-9+/]{80,}={0,2}/,
    ]
    const files = filesIn(folder)

    expect(files).not.toEqual([])
    expect(files.filter((path) => secrets.some((secret) => secret.test(textOf(path))))).toEqual([])
  })

  test('is deployed by an identity that GitHub vouches for', () => {
    const workflow = textOf('.github/workflows/deploy.yml')

    expect(workflow).toContain('id-token: write')
  })
})
