import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type * as client from '../../clients/typescript/src/wire/types.js'
import type { initializeGroup } from '../../src/http/contract/requests/groupRequests.js'
import type { search } from '../../src/http/contract/requests/queries.js'
import type { initialize, resourceChange } from '../../src/http/contract/requests/requests.js'
import type * as contract from '../../src/http/contract/responses/all.js'

const folder = join(import.meta.dirname, '../../clients/typescript')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

/** The same, with the members of an intersection in one object. */
type Flat<Shape> = { [Key in keyof Shape]: Shape[Key] }

describe("the client's types", () => {
  test('are those of the contract', () => {
    expectTypeOf<client.FileTransferOverview>().toEqualTypeOf<contract.FileTransferOverview>()
    expectTypeOf<Flat<client.FileTransferDetails>>().toEqualTypeOf<contract.FileTransferDetails>()
    expectTypeOf<client.FileTransferEvents>().toEqualTypeOf<contract.FileTransferEvents>()
    expectTypeOf<client.ResourceConfiguration>().toEqualTypeOf<contract.ResourceConfiguration>()
    expectTypeOf<client.ServiceOwner>().toEqualTypeOf<contract.ServiceOwnerOverview>()
    expectTypeOf<Flat<client.UploadLink>>().toEqualTypeOf<z.infer<typeof contract.uploadLink>>()
    expectTypeOf<client.DownloadLink>().toEqualTypeOf<z.infer<typeof contract.downloadLink>>()
    expectTypeOf<client.InitializeFileTransfer>().toExtend<z.input<typeof initialize>>()
    expectTypeOf<keyof client.InitializeFileTransfer>().toEqualTypeOf<keyof z.input<typeof initialize>>()
    expectTypeOf<client.InitializeFileTransferGroup>().toExtend<z.input<typeof initializeGroup>>()
    expectTypeOf<keyof client.InitializeFileTransferGroup>().toEqualTypeOf<keyof z.input<typeof initializeGroup>>()
    expectTypeOf<client.FileTransferGroup>().toExtend<contract.FileTransferGroupOverview>()
    expectTypeOf<client.ResourceChange>().toExtend<z.input<typeof resourceChange>>()
    expectTypeOf<keyof client.ResourceChange>().toEqualTypeOf<keyof z.input<typeof resourceChange>>()
    expectTypeOf<keyof client.Search>().toEqualTypeOf<Exclude<keyof z.input<typeof search>, 'continuation'>>()
  })
})

describe('the package', () => {
  const manifest = JSON.parse(read('package.json'))
  const built = new Set(readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' }))

  test('has all that it says it gives', () => {
    const entries = Object.values<Record<string, string>>(manifest.exports).flatMap((entry) => Object.values(entry))
    const promised = [...entries, ...Object.values<string>(manifest.bin).map((path) => `./${path}`)]

    expect(promised.filter((path) => !built.has(path.replace('./dist/', '')))).toEqual([])
  })

  test('depends on the versions that it is tested with, and on nothing else', () => {
    const project = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8'))
    const own = { ...project.devDependencies, ...project.dependencies }
    const { dependencies } = manifest

    expect(Object.entries(dependencies)).toEqual(Object.keys(dependencies).map((name) => [name, own[name]]))
  })

  test('needs no Node.js in its core', () => {
    const reached = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      const imports = read(`src/${file}`).matchAll(/from '(\.[^']+)\.js'/g)
      for (const [, from = ''] of imports) visit(`${posix.join(posix.dirname(file), from)}.ts`)
    }
    visit('index.ts')
    visit('maskinporten.ts')

    const nodeOnly = /from 'node:|\bprocess\.|\bBuffer\b/
    expect(reached.size).toBeGreaterThan(10)
    expect([...reached].filter((file) => nodeOnly.test(read(`src/${file}`)))).toEqual([])
  })
})
