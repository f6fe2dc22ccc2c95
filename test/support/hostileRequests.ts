import fc from 'fast-check'
import { z } from 'zod'
import type { Operation } from '../../src/http/contract/operation.js'
import type { FormNames } from '../../src/http/input/multipart.js'

// Hostile requests, and some correct ones: made from the schemas of the contract, and then altered.

/** A request as it goes over the wire, without an address. */
export type HostileRequest = { path: string; headers: Record<string, string>; body: string }

type JsonSchema = z.core.JSONSchema.BaseSchema

/** Values by the name of a member, so that some requests get past the checks of their form. */
export type Known = Record<string, fc.Arbitrary<unknown>>

const DEEP = 2000
const nested = (value: unknown) => Array.from({ length: DEEP }).reduce((inner) => [inner], value)

/** Anything that JSON can say, and most of what has ever broken a service. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(null, true, false, 0, -0, -1, 0.1, 1e308, -1e308, 2 ** 53, 2 ** 31, '', ' ', '0', [], {}),
  fc.constantFrom(
    '\u0000',
    '\ud800',
    'a\u2028b\u2029',
    'ﷺ🦊\u202e',
    '../..',
    "' OR 1=1 --",
    '<script>',
    '%00',
    '__proto__',
    '{{x}}',
    '\r\n',
  ),
  fc.constantFrom('x'.repeat(256), 'x'.repeat(5000), '9'.repeat(400), `P${'9'.repeat(400)}D`, 'PT1E9S', '-P1D'),
  fc.constantFrom({ __proto__: null, constructor: 'x' }, [[null]], { toString: 1 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
)

/** Values that fit the schema. */
function fitting(schema: JsonSchema | boolean, known: Known): fc.Arbitrary<unknown> {
  if (typeof schema === 'boolean') return anyValue
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => fitting(each, known)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type) => fitting({ ...schema, type } as JsonSchema, known)))
  }
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date-time') return fc.date({ noInvalidDate: true }).map((at) => at.toISOString())
      if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern))
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 40, 300) })
    case 'number':
    case 'integer':
      return fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(fitting(itemsOf(schema), known), { minLength: schema.minItems ?? 0, maxLength: 5 })
    case 'object':
      return objectOf(schema, known)
    default:
      return fc.constant(null)
  }
}

const itemsOf = ({ items }: JsonSchema) => (Array.isArray(items) || items === undefined ? true : items) as JsonSchema

function objectOf(schema: JsonSchema, known: Known): fc.Arbitrary<Record<string, unknown>> {
  if (!schema.properties) return fc.dictionary(fc.string({ maxLength: 60 }), fc.string(), { maxKeys: 12 })
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const plain = fitting(member as JsonSchema, known)
    const own = known[name]
    return [name, own ? fc.oneof({ weight: 4, arbitrary: own }, plain) : plain]
  })
  return fc.record(Object.fromEntries(members), { requiredKeys: schema.required ?? [], noNullPrototype: true })
}

/** An object of the schema with a member or two gone, strange, or under another spelling. */
const spoiled = (schema: JsonSchema, known: Known) => {
  const names = Object.keys(schema.properties ?? {})
  const change = fc.record({
    name: fc.constantFrom(...names),
    value: anyValue,
    how: fc.constantFrom('drop', 'set', 'case'),
  })
  return fc
    .tuple(objectOf(schema, known), fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([object, changes]) => {
      const entries = new Map(Object.entries(object))
      for (const { name, value, how } of changes) {
        if (how === 'drop') entries.delete(name)
        if (how === 'set') entries.set(name, value)
        if (how === 'case') entries.set(name.toUpperCase(), value)
      }
      return Object.fromEntries(entries)
    })
}

const sent = (schema: z.ZodObject) => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

function jsonBody(schema: JsonSchema, known: Known): fc.Arbitrary<string> {
  const texts = (values: fc.Arbitrary<unknown>) => values.map((value) => JSON.stringify(value) ?? '')
  const good = texts(objectOf(schema, known))
  const [name = 'x'] = Object.keys(schema.properties ?? {})
  return fc.oneof(
    { weight: 8, arbitrary: good },
    { weight: 8, arbitrary: texts(spoiled(schema, known)) },
    texts(anyValue),
    texts(anyValue.map((value) => ({ [name]: nested(value) }))),
    fc.tuple(good, fc.nat(400)).map(([text, length]) => text.slice(0, length)),
    fc
      .tuple(good, texts(anyValue))
      .map(([text, value]) => text.replace(/^\{/, `{"${name}":${value},"${name}":${value},`)),
    fc.constantFrom('', ' ', '{', '[', 'null', '"', '\ufeff{}', 'NaN', "{'a':1}", '{"a":1}{"b":2}', '['.repeat(9000)),
    fc.string({ unit: 'binary' }),
  )
}

const BOUNDARY = 'b-o-u-n-d'

/** A form of the members and a file, as clients write it, or with a piece of it gone. */
function formBody(schema: JsonSchema, { metadata, file }: FormNames, known: Known): fc.Arbitrary<string> {
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const json = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const asJson = (name: string, value: unknown) => [value].flat().map((each) => field(name, json(each)))
  /** As a client writes it: a member of an object is a field, and so is null, an empty one. */
  const asFields = (name: string, value: unknown) => {
    if (value === null) return [field(name, '')]
    if (typeof value !== 'object' || Array.isArray(value)) return asJson(name, value)
    return Object.entries(value).map(([key, each]) => field(`${name}[${key}]`, json(each)))
  }
  const fileField = field(`${file}"; filename="x.bin`, 'hello')
  const whole = fc
    .tuple(
      fc.oneof({ weight: 3, arbitrary: objectOf(schema, known) }, spoiled(schema, known)),
      fc.constantFrom(asFields, asFields, asJson),
    )
    .map(([object, fieldsOf]) => {
      const fields = Object.entries(object).flatMap(([name, value]) => fieldsOf(`${metadata}.${name}`, value))
      return `${fields.join('')}${fileField}--${BOUNDARY}--\r\n`
    })
  return fc.oneof(
    { weight: 12, arbitrary: whole },
    fc.tuple(whole, fc.nat(900)).map(([text, length]) => text.slice(0, length)),
    whole.map((text) => text.replace(fileField, '')),
    whole.map((text) => text.replaceAll('\r\n', '\n')),
    fc.string({ unit: 'binary' }),
  )
}

const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => text.trim())
const mostly = (usual: fc.Arbitrary<string | undefined>, ...odd: (string | fc.Arbitrary<string>)[]) =>
  fc.oneof(
    { weight: 3 * odd.length, arbitrary: usual },
    ...odd.map((each) => (typeof each === 'string' ? fc.constant(each) : each)),
  )
const absent = fc.constant(undefined)

const accept = mostly(absent, '*/*', 'application/json', 'application/*', 'text/html;q=0.9, */*;q=0.1', ',', headerText)
const range = fc.oneof(
  absent,
  fc.constantFrom(
    'bytes=0-0',
    'bytes=2-',
    'bytes=-3',
    'bytes=3-1',
    'bytes=-0',
    'bytes=0-1,3-4',
    'items=0-1',
    'bytes=',
    '-',
  ),
  fc.tuple(fc.bigInt(-9n, 9n ** 30n), fc.bigInt(-9n, 9n ** 30n)).map(([first, last]) => `bytes=${first}-${last}`),
  headerText,
)

function contentType({ body, consumes }: Operation) {
  const isForm = typeof body === 'object' && 'form' in body
  const right = isForm ? `${consumes}; boundary=${BOUNDARY}` : (consumes ?? (body ? 'application/json' : undefined))
  return mostly(
    fc.constant(right),
    'text/plain',
    'application/json; charset=utf-16',
    'APPLICATION/JSON',
    'application/x+json',
    'multipart/form-data',
    'application/octet-stream',
    ';',
    headerText,
  )
}

const asSegment = (value: unknown) =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed())
const segment = fc.oneof(
  anyValue.map(asSegment),
  fc.constantFrom('%2F', '%2e%2e', '%00', '%', '%zz', '%E0%A4%A', 'a%20b', ';x=1', ':', '~', '@'),
)

function contentOf(body: Operation['body'], known: Known): fc.Arbitrary<string> {
  if (typeof body === 'object' && 'form' in body) return formBody(sent(body.schema), body.form, known)
  if (typeof body === 'object') return jsonBody(sent(body.schema), known)
  return fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'binary' }),
    anyValue.map((value) => JSON.stringify(value) ?? ''),
  )
}

/** Requests to an operation, right or wrong in each of their parts. `authorization` is that of its callers. */
export function hostileRequests(operation: Operation, authorization: fc.Arbitrary<string>, known: Known) {
  const { path, params, query, headers: own, body } = operation
  const isKeyRequired = own !== undefined && !own.safeParse({}).success
  const segments = Object.fromEntries(
    Object.entries(params ? (sent(params).properties ?? {}) : {}).map(([name, schema]) => {
      const plain = fitting(schema as JsonSchema, known).map(asSegment)
      const own = known[name]?.map(asSegment)
      return [name, fc.oneof({ weight: 8, arbitrary: own ?? plain }, plain, segment)]
    }),
  )
  const asked = query ? fc.oneof(objectOf(sent(query), known), spoiled(sent(query), known)) : fc.constant({})
  const stray = mostly(fc.constant(''), 'x=1', 'fileTransferId=1&resourceId=', '%', '&&=', 'status[]=1')
  const content = contentOf(body, known)
  const headers = {
    accept,
    range,
    'content-type': contentType(operation),
    authorization: mostly(authorization, '', 'Bearer', 'Basic eDp5', 'Bearer  x y', headerText),
    'idempotency-key': mostly(isKeyRequired ? fc.uuid() : absent, 'key-1', 'a b', 'x'.repeat(256), headerText),
    'x-forwarded-for': mostly(absent, '::1', headerText),
  }
  return fc
    .record({ segments: fc.record(segments), asked, stray, headers: fc.record(headers), body: content })
    .map((made): HostileRequest => {
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => made.segments[name] ?? '')
      const pairs = Object.entries(made.asked).map(([name, value]) => `${name}=${asSegment(value)}`)
      const search = [...pairs, made.stray].filter(Boolean).join('&')
      const given = Object.entries(made.headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
      return { path: `/${filled}${search && `?${search}`}`, headers: Object.fromEntries(given), body: made.body }
    })
}
