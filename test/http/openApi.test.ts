import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { problems } from '../../src/domain/problems.js'
import { contract } from '../../src/http/contract.js'
import { openApi } from '../../src/http/openApi.js'
import type { Operation } from '../../src/http/operation.js'
import { brokerCode } from '../../src/http/problemJson.js'

type Response = {
  description: string
  headers?: object
  content?: Record<string, { schema: object; examples?: object }>
}
type Described = {
  operationId: string
  summary: string
  parameters?: { name: string; in: string; required: boolean }[]
  requestBody?: { content: object }
  responses: Record<string, Response>
  security: Record<string, string[]>[]
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const document = openApi('/')
const rows: [string, Operation][] = Object.entries<Operation>(contract).filter(([, { isInternal }]) => !isInternal)
const described = ({ path, method }: Operation) => document.paths[`/${path}`]?.[method.toLowerCase()] as Described

const examplesOf = ({ responses }: Described, status: number) =>
  Object.values(responses[status]?.content ?? {}).flatMap(({ examples }) => Object.keys(examples ?? {}))

describe('the OpenAPI document', () => {
  test('is committed as it is generated: after a change of the contract run npm run openapi', () => {
    expect(JSON.parse(readFileSync(`${root}openapi.json`, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)))
  })

  test('passes the rules of its trade', () => {
    const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', 'openapi.json', '--format=json']

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
      ...['Validation', 'BRO-00003', 'BRO-00010', 'BRO-00019'],
    ])
  })

  test('tells the headers of answers', () => {
    const headersOf = (row: Operation, status: number) => Object.keys(described(row).responses[status]?.headers ?? {})

    expect(headersOf(contract.downloadFile, 200)).toEqual(['Content-Disposition', 'Accept-Ranges', 'ETag'])
    expect(headersOf(contract.downloadFile, 206)).toEqual([
      ...['Content-Disposition', 'Accept-Ranges', 'ETag', 'Content-Range'],
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
