import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract, operations } from '../../../src/http/contract/contract.js'
import type { Operation } from '../../../src/http/contract/operation.js'
import { parseDate } from '../../../src/http/input/dateInput.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf, fileTransferId, type HttpCall, jsonIn, kari } from '../../support/builders.js'

const rows: [string, Operation][] = Object.entries(operations)
const caller = { organization: kari, vendor: undefined, scopes: rows.flatMap(([, row]) => row.scopes), claims: {} }
const serve = serveWith({ verify: async () => ({ caller }), log: () => {} })

/** What the operation answers to a caller who has every scope. */
const answer = (row: Operation, { headers, ...call }: HttpCall) =>
  answerOf(
    serve(row, async () => ok({})),
    {
      method: row.method,
      params: { fileTransferId, resourceId: 'r' },
      ...(row.consumes && row.method !== 'GET' && { body: '{}' }),
      ...call,
      headers: {
        authorization: 'Bearer any',
        'idempotency-key': 'key',
        ...(row.body && { 'content-type': row.consumes ?? 'application/json' }),
        ...headers,
      },
    },
  )
const errorsOf = (text: { text: string }) => (jsonIn(text) as { errors: Record<string, string[]> }).errors

const takesJson = ({ body }: Operation) => body === 'json' || (typeof body === 'object' && 'parameter' in body)
const withJson = rows.filter(([, row]) => takesJson(row))

describe.each(withJson)('a JSON body of %s', (_, row) => {
  test.each(['gzip', 'GZIP', 'br', 'deflate', 'x', 'identity, gzip'])('is refused in the coding %s', async (coding) => {
    expect(await answer(row, { headers: { 'content-encoding': coding }, body: '{}' })).toMatchObject({ status: 415 })
  })

  test.each(['identity', 'Identity', ''])('is taken in no coding: %j', async (coding) => {
    expect((await answer(row, { headers: { 'content-encoding': coding }, body: '{}' })).status).not.toBe(415)
  })

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'APPLICATION/JSON;x=y'])(
    'has a media type in any case and with parameters: %s',
    async (type) => {
      expect((await answer(row, { headers: { 'content-type': type }, body: '{}' })).status).not.toBe(415)
    },
  )
})

const isOptional = ({ body }: Operation) => typeof body === 'object' && 'isOptional' in body

test.each(withJson.filter(([, row]) => row.body !== 'json' && !isOptional(row)))(
  'null is as good as no body to %s, as in the original',
  async (_, row) => {
    const [none, nothing] = await Promise.all(['', ' null '].map((body) => answer(row, { body })))

    expect(nothing?.status).toBe(400)
    expect(errorsOf(nothing ?? { text: '' })).toEqual(errorsOf(none ?? { text: '' }))
    expect(Object.keys(errorsOf(nothing ?? { text: '' }))[0]).toBe('')
  },
)

describe.each(rows)('the Accept header of %s', (_, row) => {
  const statusFor = async (accept: string) => (await answer(row, { headers: { accept } })).status
  const { produces } = row
  const others = ['application/json', 'text/csv', 'application/octet-stream', 'text/html', ''].filter(
    (type) => type !== produces,
  )

  test('lets what is produced through', async () => {
    for (const accept of ['*/*', ...(produces ? [produces, `x/y, ${produces.toUpperCase()};q=0.1`] : [])]) {
      expect(await statusFor(accept), accept).not.toBe(406)
    }
  })

  test(produces ? 'refuses everything else' : 'refuses nothing', async () => {
    const unwanted = ['q=0', 'Q=0.000', 'a=b; q=0.0'].map((weight) => `${produces}; ${weight}, x/y`)
    for (const accept of [...others, ...unwanted])
      expect((await statusFor(accept)) === 406, accept).toBe(produces !== undefined)
  })
})

// Spec 3.4: what the original checks.
test('is checked wherever the original declares what it answers', () => {
  const unchecked = rows.filter(([, { produces }]) => !produces).map(([name]) => name)

  expect(unchecked.filter((name) => !/^get(Health|OpenApi|Docs)/.test(name)).sort()).toEqual(
    ['approveUnscanned', 'downloadFile', 'receiveScanResults', 'registerServiceOwner'], // the first is ours
  )
  expect(contract.getMonthlyStatistics.produces).toBe('text/csv')
})

describe.each(rows.filter(([, { query }]) => query))('the query of %s', (_, row) => {
  const names = Object.keys(row.query?.shape ?? {})
  const flags = names.filter((name) => /^(include|order)/.test(name))

  test.each(names)('has %s at most once, in any case', async (name) => {
    for (const other of [name, name.toLowerCase(), name.toUpperCase()]) {
      for (const query of [`${name}=1&${other}=1`, `${name}=&${other}=1`, `x=1&${name}=1&y=2&${other}=2&${name}=3`]) {
        const refused = await answer(row, { path: `/x?${query}` })

        expect(refused.status, query).toBe(400)
        expect(errorsOf(refused)[name], query).toContain(`${name} must be given once.`)
      }
    }
  })

  test('may have others as often as they come', async () => {
    const refused = await answer(row, { path: '/x?other=1&other=2' })

    if (refused.status === 400) expect(errorsOf(refused)).not.toHaveProperty('other')
  })

  test.each(flags)('has a flag %s that is true or false and no number', async (name) => {
    const refusedWith = async (value: string) => {
      const { status, text } = await answer(row, { path: `/x?${name}=${value}` })
      return status === 400 && errorsOf({ text })[name] !== undefined
    }

    for (const value of ['1', '0', 'yes', 'on', 't', '-1', 'truefalse', '+']) {
      expect(await refusedWith(value), value).toBe(true)
    }
    for (const value of ['true', 'FALSE', 'True', '+true+', '%09false']) {
      expect(await refusedWith(value), value).toBe(false)
    }
  })
})

describe('a date in ISO 8601', () => {
  const two = (max: number) => fc.nat(max).map((number) => String(number).padStart(2, '0'))

  test('may have an offset in hours, and a comma before the fraction', () => {
    const parts = fc.record({
      h: two(23),
      m: two(59),
      s: two(59),
      fraction: fc.stringMatching(/^\d{1,7}$/),
      sign: fc.constantFrom('+', '-'),
      offset: two(14),
    })
    fc.assert(
      fc.property(parts, ({ h, m, s, fraction, sign, offset }) => {
        const [time, zone] = [`2024-04-19T${h}:${m}:${s}`, `${sign}${offset}`]
        const read = parseDate(`${time}.${fraction}${zone}:00`)

        expect(read).toBeInstanceOf(Date)
        expect(parseDate(`${time},${fraction}${zone}`)).toEqual(read)
        expect(parseDate(`${time},${fraction}${zone}00`)).toEqual(read)
        expect(parseDate(`${time.replace('T', ' ')}.${fraction} ${zone}`)).toEqual(read)
      }),
    )
  })

  test.each([
    '2024-04-19T07:22:19+1',
    '2024-04-19T07:22:19,',
    '2024-04-19T07:22:19+25',
    '2024-04-19T07:22,5',
    '2024-04-19T07:22:19+01:',
  ])('is none with a piece missing: %s', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })
})

describe('a checksum', () => {
  const { checksum } = contract.initializeFileTransfer.body.schema.shape
  const isTaken = (text: string) => checksum.safeParse(text).success

  test('is 32 lower-case hex digits and nothing else', () => {
    fc.assert(fc.property(fc.stringMatching(/^[0-9a-f]{32}$/), isTaken))
    const other = fc.string({ unit: 'binary', minLength: 1, maxLength: 34 }).filter((text) => !/^\s*$/.test(text))
    fc.assert(fc.property(other, (text) => isTaken(text) === /^[0-9a-f]{32}$/.test(text)))
    for (const odd of ['g', 'æ', 'A', '!', '١', '\n']) expect(isTaken(`${odd.repeat(31)}a`), odd).toBe(false)
    expect(isTaken(`${'a'.repeat(32)}\n`)).toBe(false)
  })

  test('may be blank, but not for long', () => {
    for (const blank of ['', ' ', '\t\n', ' '.repeat(32)]) expect(isTaken(blank)).toBe(true)
    expect(isTaken(' '.repeat(33))).toBe(false)
  })
})
