import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configure, newResource } from '../../src/domain/resource.js'
import { err, ok } from '../../src/domain/result.js'
import { contract, operations } from '../../src/http/contract/contract.js'
import type { Operation } from '../../src/http/contract/operation.js'
import { eventGridEvents } from '../../src/http/input/eventGridEvents.js'
import { parseFields } from '../../src/http/input/formInput.js'
import { parseJson } from '../../src/http/input/jsonInput.js'
import { serveWith } from '../../src/http/serving/serve.js'
import { answerOf, fileTransferId, type HttpCall, jsonIn, kari, owner } from '../support/builders.js'
import { metadata } from '../support/forms.js'

const rows: [string, Operation][] = Object.entries(operations)
const caller = { organization: kari, vendor: undefined, scopes: rows.flatMap(([, row]) => row.scopes), claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })

/** What the operation answers, up to where something would be stored. */
async function answer(row: Operation, { headers, ...call }: HttpCall) {
  const served =
    row === contract.configureResource
      ? serve(contract.configureResource, async ({ body }) => {
          const configured = configure(newResource('r', owner), body, false)
          return configured.ok ? ok({}) : err(configured.reason)
        })
      : serve(row, async () => ok({}))
  const all = {
    authorization: 'Bearer any',
    'idempotency-key': 'key',
    ...(row.body && { 'content-type': 'application/json' }),
    ...headers,
  }
  const params = { fileTransferId, resourceId: 'r' }
  return answerOf(served, { method: row.method, params, ...call, headers: all })
}

type JsonSchema = z.core.JSONSchema.BaseSchema
const sent = (schema: z.ZodObject) => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
/** What a member may be, by itself and not null. */
const kindsOf = (schema: JsonSchema): JsonSchema[] =>
  schema.anyOf?.flatMap((each) => kindsOf(each as JsonSchema)) ?? [schema]

/**
 * Each place for a text in the JSON bodies of the contract: the operation, the member, and a body with a text in that
 * place.
 */
const places = rows.flatMap(([name, row]) => {
  const { body } = row
  if (typeof body !== 'object' || !('parameter' in body)) return []
  const { properties = {} } = sent(body.schema)
  const [good] = (body.schema.meta()?.examples ?? []) as object[]
  return Object.entries(properties).flatMap(([member, schema]) =>
    kindsOf(schema as JsonSchema).flatMap((kind) => {
      const bodyOf = (value: unknown) => JSON.stringify({ ...good, [member]: value })
      const place = (where: string, made: (text: string) => unknown) => ({
        name: `${name} ${member}${where}`,
        row,
        member,
        bodyOf: (text: string) => bodyOf(made(text)),
      })
      if ([kind.type].flat().includes('string')) return [place('', (text) => text)]
      const { properties: members } = (kind.items ?? {}) as JsonSchema
      if (members) return textsIn(members, place)
      if (kind.type === 'array') return [place('[]', (text) => [text])]
      const isRecord = kind.type === 'object' && kind.additionalProperties
      return isRecord
        ? [place('{value}', (text) => ({ key: text })), place('{key}', (text) => ({ [text]: 'value' }))]
        : []
    }),
  )
})
/** The texts of the objects in a list. */
function textsIn<Made>(members: object, place: (where: string, made: (text: string) => unknown) => Made) {
  return Object.keys(members).map((name) => place(`[].${name}`, (text) => [{ fileName: 'a.txt', [name]: text }]))
}

const named = ({ member }: { member: string }) => member.slice(0, 1).toUpperCase() + member.slice(1)

test('there are places for texts', () => {
  expect(places.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      ...['initializeFileTransfer fileName', 'initializeFileTransfer recipients[]', 'registerServiceOwner name'],
      ...[
        'initializeFileTransfer propertyList{key}',
        'configureResource requiredParty',
        'configureResource fileTransferTimeToLive',
      ],
    ]),
  )
})

describe.each(places)('a text in $name', (place) => {
  const { row, bodyOf, member } = place

  test.each([
    ['letters', 'x'],
    ['digits', '9'],
    ['blanks', ' '],
    ['four bytes', '🦊'],
    ['line separators', '\u2028'],
  ])('is refused when it is long, of %s', async (_, char) => {
    for (const length of [5000, 40_000, 250_000]) {
      const { status, text } = await answer(row, { body: bodyOf(char.repeat(length)) })
      if (status === 413) continue // in bytes it is longer than a body may be
      expect(status).toBe(400)
      const { errors = {}, detail = '' } = JSON.parse(text) as { errors?: object; detail?: string }
      expect(named(place) in errors || `$.${member}` in errors || detail.startsWith(member), text).toBe(true)
    }
  })

  test('is refused by its name when it is no Unicode', async () => {
    for (const half of ['\ud800', '\udfff', 'a\ud83d', '\udc00\ud800', 'ok\ud83dok']) {
      const refused = await answer(row, { body: bodyOf(half) })

      expect(refused.status).toBe(400)
      expect(Object.keys((jsonIn(refused) as { errors: object }).errors)).toContain(named(place))
    }
  })
})

const parameters = rows.flatMap(([name, row]) =>
  Object.keys(row.query?.shape ?? {}).map((parameter) => ({ name, row, parameter })),
)
describe.each(parameters)('the parameter $parameter of $name', ({ row, parameter }) => {
  test.each(['x', '9', 'æ', '\u2028', '%'])('is refused when it is long, of %j', async (char) => {
    for (const length of [1000, 5000]) {
      const query = new URLSearchParams({ [parameter]: char.repeat(length) })
      const refused = await answer(row, { path: `/x?${query}` })

      expect(refused.status).toBe(400)
      expect(Object.keys((jsonIn(refused) as { errors: object }).errors)).toContain(parameter)
    }
  })
})

describe('well-formed texts', () => {
  const { body } = contract.initializeFileTransfer
  const { body: form } = contract.initializeAndUpload
  const asked = { resourceId: 'r', sender: '0192:991825827', recipients: ['0192:986252932'] }
  const text = (maxLength: number) =>
    fc
      .array(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom('\u2028', '\u2029', '\ufeff', '\u0000')),
      )
      .map((parts) => `x${parts.join('')}`.slice(0, maxLength).toWellFormed())
      .filter((made) => !made.includes('\ufffd'))

  test('are taken as they are, in JSON and in forms', () => {
    fc.assert(
      fc.property(text(255), text(4096), text(50), text(3000), (fileName, reference, key, value) => {
        const texts = { fileName, sendersFileTransferReference: reference, propertyList: { [key]: value } }

        expect(parseJson(body, JSON.stringify({ ...asked, ...texts }))).toMatchObject({ value: texts })

        const more = { FileName: fileName, SendersFileTransferReference: reference, 'PropertyList[k]': value }
        const fields = metadata(more).map(({ name, value }): [string, string] => [name, String(value)])
        expect(parseFields(form, fields, false)).toMatchObject({ value: { ...texts, propertyList: { k: value } } })
      }),
    )
  })

  test.each([
    ['FileName', 'Metadata.FileName'],
    ['PropertyList[k]', 'Metadata.PropertyList[k]'],
    ['Other', undefined],
  ])('are asked of the fields of a form: %s', (name, key) => {
    for (const bad of ['a\ud800', 'a\ufffd']) {
      const fields = metadata({ [name]: bad }).map(({ name, value }): [string, string] => [name, String(value)])
      const parsed = parseFields(form, fields, false)

      expect('errors' in parsed ? Object.keys(parsed.errors) : []).toEqual(key === undefined ? [] : [key])
    }
  })

  test('are asked of the names of a form', () => {
    const parsed = parseFields(form, [['Metadata.PropertyList[\ud800]', 'x']], false)

    expect(parsed).toEqual({ errors: { 'Metadata.PropertyList[\ufffd]': [expect.any(String)] } })
  })

  test('are asked of the events of the scanner', () => {
    const data = {
      blobUri: 'https://x.example/a/b',
      eTag: '0x1',
      scanResultType: 'Malicious',
      more: { inside: ['\ud800'] },
    }
    const scan = { id: '1', eventType: 'Microsoft.Security.MalwareScanningResult', data }

    expect(Object.keys(eventGridEvents(scan).errors)).toEqual(['$[0]'])
    expect(Object.keys(eventGridEvents({ ...scan, data: { ...data, more: '🦊' } }).errors)).toEqual([])
  })
})
