import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { problems } from '../../../src/domain/problems.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import type { Operation } from '../../../src/http/contract/operation.js'
import { openApi, publicDocument } from '../../../src/http/openapi/openApi.js'
import { brokerCode } from '../../../src/http/problem/problemJson.js'

type Response = {
  description: string
  headers?: object
  content?: Record<string, { schema: object; examples?: object }>
}
type Described = {
  operationId: string
  summary: string
  description?: string
  parameters?: { name: string; in: string; required: boolean }[]
  requestBody?: { content: object }
  responses: Record<string, Response>
  security: Record<string, string[]>[]
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const document = publicDocument()
const files = [
  ['openapi.json', document],
  ['openapi-3.0.json', publicDocument('3.0.3')],
] as const
const rows: [string, Operation][] = Object.entries<Operation>(operations).filter(([, { isInternal }]) => !isInternal)
const described = ({ path, method }: Operation) => document.paths[`/${path}`]?.[method.toLowerCase()] as Described

const examplesOf = ({ responses }: Described, status: number) =>
  Object.values(responses[status]?.content ?? {}).flatMap(({ examples }) => Object.keys(examples ?? {}))

type Schema = { type?: string | string[]; format?: string } & Record<string, unknown>

/** Every schema of a document, with its address. */
function schemasIn(part: unknown, at = '#'): { schema: Schema; at: string }[] {
  if (typeof part !== 'object' || part === null) return []
  const isSchema = /\/(schema|items|additionalProperties)$|\/(schemas|properties|anyOf|oneOf|allOf)\/\w+$/.test(at)
  const inside = Object.entries(part).flatMap(([name, value]) =>
    name === 'example' || name === 'examples' ? [] : schemasIn(value, `${at}/${name.replaceAll('/', '~1')}`),
  )
  return isSchema ? [{ schema: part as Schema, at }, ...inside] : inside
}

describe('the OpenAPI document', () => {
  test.each(files)(
    '%s is committed as it is generated: after a change of the contract run npm run openapi',
    (name, generated) => {
      expect(JSON.parse(readFileSync(`${root}${name}`, 'utf8'))).toEqual(JSON.parse(JSON.stringify(generated)))
    },
  )

  test.each(files)('%s passes the rules of its trade', (name) => {
    const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', name, '--format=json']

    const found = execFileSync(process.execPath, lint, {
      cwd: root,
      env: { ...process.env, ...quiet },
      encoding: 'utf8',
    })

    expect(JSON.parse(found)).toMatchObject({ totals: { errors: 0, warnings: 0 } })
  })

  test('names the server that it is asked of', () => {
    expect(openApi('https://broker.example').servers).toEqual([{ url: 'https://broker.example' }])
  })

  test.each(files)('%s has no union for a generator to stumble over', (_, generated) => {
    const unions = schemasIn(generated).filter(({ schema }) => 'anyOf' in schema || 'oneOf' in schema)

    expect(unions).toEqual([])
  })

  test('has bytes where NSwag would read a text as JSON', () => {
    const textOf = (row: Operation, media: string) => described(row).responses[200]?.content?.[media]

    expect(textOf(contract.getHealth, 'text/plain')).toMatchObject({ schema: { type: 'string' } })
    for (const [row, media] of [
      [contract.getMonthlyStatistics, 'text/csv'] as const,
      [contract.getDocs, 'text/html'] as const,
    ]) {
      expect(textOf(row, media)).toMatchObject({ schema: { type: 'string', format: 'binary' } })
    }
  })

  test('declares whatever TUS may come to', () => {
    const operations = Object.entries(document.paths)
      .filter(([path]) => path.includes('/tus'))
      .flatMap(([, path]) => Object.values(path) as Partial<Described & { responses: object }>[])
      .filter(({ operationId }) => operationId !== undefined)

    expect(operations.length).toBeGreaterThan(5)
    for (const { responses = {} } of operations) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '404', '405', '412', '429', '500', '503']))
    }
  })

  test('says of what may be null that it has two types, with all that is known of it', () => {
    const { FileTransferOverview: overview } = document.components.schemas as Record<string, { properties: object }>

    expect(overview?.properties).toMatchObject({
      published: { type: ['string', 'null'], format: 'date-time', pattern: expect.any(String) },
      checksum: { type: ['string', 'null'], description: expect.any(String) },
    })
  })

  test.each(files)('%s has a name for every object with members', (_, generated) => {
    const unnamed = schemasIn(generated).filter(
      ({ schema, at }) => 'properties' in schema && !/^#\/components\/schemas\/\w+$/.test(at),
    )

    expect(unnamed).toEqual([])
  })

  test.each(files)('%s says how large a whole number may be', (_, generated) => {
    const numbers = schemasIn(generated).filter(({ schema }) => [schema.type].flat().includes('integer'))

    expect(numbers.length).toBeGreaterThan(5)
    for (const { schema, at } of numbers) expect(schema.format, at).toMatch(/^int(32|64)$/)
  })

  test('has one shape for every refusal, with its message for generators', () => {
    const refusals = Object.values(document.paths)
      .flatMap((path) => Object.values(path) as Partial<Described>[])
      .flatMap(({ responses = {} }) => Object.entries(responses))
      .filter(([status]) => Number(status) >= 400)
      .flatMap(([, { content = {} }]) => Object.entries(content))
      .filter(([media]) => media.endsWith('json'))

    expect(new Set(refusals.map(([, { schema }]) => JSON.stringify(schema)))).toEqual(
      new Set([JSON.stringify({ $ref: '#/components/schemas/ProblemDetails' })]),
    )
    const { ProblemDetails: shape } = document.components.schemas as Record<string, object>
    expect(shape).toMatchObject({ properties: { detail: { 'x-ms-primary-error-message': true } } })
  })

  test('describes every operation beyond its summary', () => {
    const operations = Object.values(document.paths)
      .flatMap((path) => Object.values(path) as Partial<Described>[])
      .filter(({ operationId }) => operationId !== undefined)

    expect(operations.length).toBeGreaterThan(20)
    for (const { operationId, summary, description = '' } of operations) {
      expect(description.length, operationId).toBeGreaterThan(20)
      expect(description, operationId).not.toBe(summary)
    }
  })

  test('says that the name of a shared shape is its own', () => {
    const answer = described(contract.getFileTransfer).responses[200]

    expect(answer?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/FileTransferOverview' } },
    })
  })

  test('shows a request that works', () => {
    const { InitializeFileTransferRequest: shown } = document.components.schemas as Record<
      string,
      { examples?: unknown[] }
    >

    expect(contract.initializeFileTransfer.body.schema.safeParse(shown?.examples?.[0]).success).toBe(true)
  })

  test('puts every problem of one status together, each with an example under its number', () => {
    expect(examplesOf(described(contract.confirmDownload), 400)).toEqual([
      'Validation',
      'BRO-00003',
      'BRO-00010',
      'BRO-00019',
    ])
  })

  test('names the headers of answers', () => {
    const headersOf = (row: Operation, status: number) => Object.keys(described(row).responses[status]?.headers ?? {})

    expect(headersOf(contract.downloadFile, 200)).toEqual([
      'Content-Disposition',
      'Accept-Ranges',
      'ETag',
      'Repr-Digest',
    ])
    expect(headersOf(contract.downloadFile, 206)).toEqual([
      'Content-Disposition',
      'Accept-Ranges',
      'ETag',
      'Repr-Digest',
      'Content-Range',
    ])
    expect(headersOf(contract.downloadFile, 416)).toEqual(['Content-Range', 'ETag'])
    expect(headersOf(contract.uploadFile, 415)).toEqual(['Accept-Encoding'])
    expect(headersOf(contract.searchFileTransfers, 200)).toEqual(['Link'])
    expect(headersOf(contract.uploadFile, 401)).toEqual(['WWW-Authenticate'])
    expect(headersOf(contract.uploadFile, 503)).toEqual(['Retry-After'])
  })

  test('asks for one of the scopes, with the key of a gateway or without', () => {
    expect(described(contract.downloadFile).security).toEqual([
      { bearer: ['altinn:broker.read'] },
      { bearer: ['altinn:broker.read'], subscriptionKey: [] },
    ])
    expect(described(contract.getHealth).security).toEqual([])
  })
})

describe('every row of the contract', () => {
  test.each(rows)('is in the document, with all that it takes: %s', (name, row) => {
    const { operationId, summary, parameters = [], requestBody, responses } = described(row)
    const taken = [row.params, row.query, row.headers].flatMap((schema) => Object.keys(schema?.shape ?? {}))

    expect({ operationId, summary }).toEqual({ operationId: name, summary: row.summary })
    expect(parameters.map((parameter) => parameter.name)).toEqual(taken)
    expect(requestBody !== undefined).toBe(row.body !== undefined)
    expect(Object.keys(responses)).toContain(String(row.success.status))
  })

  test.each(rows)('has every problem in the document: %s', (_, row) => {
    for (const problem of row.problems) {
      const { code, status } = problems[problem]

      expect(examplesOf(described(row), status)).toContain(brokerCode(code))
    }
  })

  test.each(rows)('says what its JSON looks like: %s', (_, { produces, success }) => {
    const isJson = produces === 'application/json' && success.status !== 204

    if (isJson) expect(success.json, 'add the schema of its JSON to success').toBeDefined()
  })
})
