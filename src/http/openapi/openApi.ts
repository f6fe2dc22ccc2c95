import { z } from 'zod'
import { version as release } from '../../lib/version.js'
import { operations } from '../contract/contract.js'
import { inboxChange, inboxChanges } from '../contract/inboxRows.js'
import type { Operation } from '../contract/operation.js'
import * as shapes from '../contract/responses/responses.js'
import * as serviceOwnerShapes from '../contract/responses/serviceOwnerResponses.js'
import type { FormNames } from '../input/multipart.js'
import { type RefOf, responsesOf } from './openApiResponses.js'
import { tusPaths } from './tusOpenApi.js'

/** A part of the document, as JSON. */
type Part = Record<string, unknown>

const ROOT = 'broker/api/v1/'

const HEADERS: Record<string, Part> = {
  'Accept-Encoding': text('The coding that a body may come in: identity, which is none.'),
  'Accept-Ranges': text('bytes: a part may be asked for.'),
  'Content-Disposition': text('The name of the file (RFC 6266).'),
  'Content-Range': text('Where the part lies in the file, or how long the file is.'),
  ETag: text('Which file this is a part of, or all of: the same on every answer, for `If-Range` (RFC 9110).'),
  Link: text('Where the results go on, rel="next" (RFC 8288); not there at the end.'),
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', format: 'int32' } },
  'X-Broker-Version': text('The release that answers, and the commit it was made from: `1.2.3+commit`.'),
  'WWW-Authenticate': text('That a bearer token is needed, or why this one is no good.'),
}

function text(description: string): Part {
  return { description, schema: { type: 'string' } }
}

/** Many generators of clients read 3.0 alone. */
export type OpenApiVersion = '3.1.0' | '3.0.3'

type Server = { url: string; description?: string }

/** Where clients reach Broker. */
export const SERVERS: Server[] = [
  { url: 'https://platform.altinn.no', description: 'Production' },
  { url: 'https://platform.tt02.altinn.no', description: 'Test (TT02)' },
]

let served: ReturnType<typeof publicDocument> | undefined

/** The public document as it is served, for a client that has reached this address. */
export function openApi(serverUrl: string) {
  served ??= publicDocument()
  return { ...served, servers: [{ url: serverUrl }] }
}

/** What of the contract is for the public. */
export function publicDocument(version: OpenApiVersion = '3.1.0') {
  const rows = Object.entries<Operation>(operations).filter(([, { isInternal }]) => !isInternal)
  const document = documentOf(Object.fromEntries(rows), version)
  return { ...document, paths: { ...document.paths, ...tusPaths } }
}

/** These rows as a document. */
export function documentOf(rows: Record<string, Operation>, version: OpenApiVersion = '3.1.0') {
  const asSent = schemasAsSent(version)
  const schemas = schemasOf(rows, asSent)
  const paths: Record<string, Part> = {}
  for (const [name, row] of Object.entries(rows)) {
    const path = `/${row.path}`
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(name, row, schemas.refOf, asSent) }
  }
  const tags = [...new Set(Object.values(rows).map(tagOf))].map((name) => ({ name, description: TAGS[name] ?? name }))
  return {
    openapi: version,
    info: {
      title: 'Altinn Broker',
      version: release,
      description:
        'Managed file transfer: a sender announces a file, uploads it, and its recipients download it and confirm. ' +
        'Names in JSON match whatever their case, and members that are not known are passed over.',
    },
    servers: SERVERS,
    tags,
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of Altinn or Maskinporten.',
        },
        subscriptionKey: {
          type: 'apiKey',
          in: 'header',
          name: 'Ocp-Apim-Subscription-Key',
          description: 'A key to the API gateway, where one stands in front.',
        },
      },
      headers: HEADERS,
      schemas: schemas.all,
    },
  }
}

const TAGS: Record<string, string> = {
  FileTransfer: 'Files on their way from a sender to recipients.',
  Inbox: 'What is new for a recipient.',
  Organizations: 'Who sends and receives.',
  Resource: 'How the file transfers of a resource behave.',
  ServiceOwner: 'Who owns resources.',
  Maintenance: 'For those who run the service.',
  Webhooks: 'For other services to call.',
  Service: 'The service itself.',
}

/** The tag that the segment after the root begins with; what has no such tag belongs to the service itself. */
function tagOf({ path }: Operation): string {
  const segment = path.startsWith(ROOT) ? (path.slice(ROOT.length).split('/')[0] ?? '') : ''
  return Object.keys(TAGS).find((tag) => segment.startsWith(tag.toLowerCase())) ?? 'Service'
}

/**
 * Schemas of what is sent, before it is read: their examples are of that too, but are left out where a schema
 * transforms.
 */
const schemasAsSent = (version: OpenApiVersion): z.core.ToJSONSchemaParams => ({
  io: 'input',
  target: version === '3.0.3' ? 'openapi-3.0' : 'draft-2020-12',
  override({ zodSchema, jsonSchema }) {
    const { examples } = z.globalRegistry.get(zodSchema) ?? {}
    delete jsonSchema.examples
    if (Array.isArray(examples))
      Object.assign(jsonSchema, version === '3.0.3' ? { example: examples[0] } : { examples })
    // Generators demand a member that has a default; an empty one says nothing.
    if (isEmpty(jsonSchema.default)) delete jsonSchema.default
    if (jsonSchema.type === 'integer') jsonSchema.format = isInt32(jsonSchema) ? 'int32' : 'int64'
    replaceNullableUnion(jsonSchema)
  },
})

const isEmpty = (value: unknown) => value === '' || JSON.stringify(value) === '{}'

const isInt32 = ({
  minimum = Number.NEGATIVE_INFINITY,
  maximum = Number.POSITIVE_INFINITY,
}: z.core.JSONSchema.BaseSchema) => minimum >= -(2 ** 31) && maximum < 2 ** 31

/**
 * `anyOf: [X, null]` as X with two types: of a union generators make a type of its own, which does not read the value.
 */
function replaceNullableUnion(schema: z.core.JSONSchema.BaseSchema): void {
  const { anyOf: [some, nothing] = [], ...own } = schema
  if (typeof some?.type !== 'string' || nothing?.type !== 'null') return
  delete schema.anyOf
  Object.assign(schema, some, own, { type: [some.type, 'null'] }, some.enum && { enum: [...some.enum, null] })
}

/** Every schema of a body as a component, under the name of its shape or its operation. */
function schemasOf(rows: Record<string, Operation>, asSent: z.core.ToJSONSchemaParams): { all: Part; refOf: RefOf } {
  const registry = z.registry<{ id: string }>()
  const add = (name: string, schema: z.ZodType) => registry.has(schema) || registry.add(schema, { id: pascal(name) })
  const named = Object.entries({ ...shapes, ...serviceOwnerShapes, inboxChange, inboxChanges })
  // By name, so that the document does not depend on where a shape is.
  for (const [name, shape] of named.toSorted(([one], [other]) => (one < other ? -1 : 1))) add(name, shape)
  for (const [name, { body, success }] of Object.entries(rows)) {
    if (typeof body === 'object') add(`${name}Request`, body.schema)
    if (success.json) add(`${name}Response`, success.json)
  }
  const { schemas } = z.toJSONSchema(registry, { ...asSent, uri: (id) => `#/components/schemas/${id}` })
  const all = Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema)]))
  for (const [name, { body }] of Object.entries(rows)) {
    if (typeof body === 'object' && 'form' in body) all[formName(name)] = formOf(body.schema, body.form, asSent)
  }
  return { all, refOf: (schema) => ({ $ref: `#/components/schemas/${registry.get(schema)?.id}` }) }
}

const formName = (operation: string) => `${pascal(operation)}Form`

/** In the document a schema is known by its place. */
function withoutAddress({ $id, $schema, ...schema }: Part): Part {
  return schema
}

const pascal = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

function operationOf(name: string, row: Operation, refOf: RefOf, asSent: z.core.ToJSONSchemaParams): Part {
  const { summary, description, params, query, headers, scopes, guard } = row
  const parameters = [
    ...parametersIn('path', params, asSent),
    ...parametersIn('query', query, asSent),
    ...parametersIn('header', headers, asSent),
  ]
  const requestBody = requestBodyOf(name, row, refOf)
  return {
    operationId: name,
    summary,
    description: [description, whoMay(scopes, guard)].join(' ').trim(),
    tags: [tagOf(row)],
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf(row, refOf),
    security: scopes.flatMap((scope) => [{ bearer: [scope] }, { bearer: [scope], subscriptionKey: [] }]),
  }
}

const whoMay = (scopes: readonly string[], guard = '') =>
  scopes.length > 0 ? `The token needs the scope ${scopes.map((scope) => `\`${scope}\``).join(' or ')}.` : guard

function parametersIn(
  place: 'path' | 'query' | 'header',
  schema: z.ZodObject | undefined,
  asSent: z.core.ToJSONSchemaParams,
): Part[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, asSent)
  return Object.entries(properties).map(([name, part]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: part,
  }))
}

function requestBodyOf(name: string, { body, consumes }: Operation, refOf: RefOf): Part | undefined {
  if (body === undefined) return undefined
  const media = consumes ?? 'application/json'
  if (body === 'file') return { required: true, content: { [media]: { schema: BYTES } } }
  if (body === 'json') return { required: true, content: { [media]: { schema: {} } } }
  const schema = 'form' in body ? { $ref: `#/components/schemas/${formName(name)}` } : refOf(body.schema)
  const required = !('isOptional' in body)
  return { required, content: { [media]: { schema } } }
}

const BYTES = { type: 'string', format: 'binary', description: 'The bytes of the file.' }

/**
 * A form as its fields: the members of the metadata, a list as a field that is repeated, an object as fields of any
 * name; and the file.
 */
function formOf(schema: z.ZodObject, { metadata, file }: FormNames, asSent: z.core.ToJSONSchemaParams): Part {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, asSent)
  const fieldOf = (name: string) => `${metadata}.${pascal(name)}`
  const isObject = (part: z.core.JSONSchema._JSONSchema) => typeof part === 'object' && part.type === 'object'
  const fields = Object.entries(properties).filter(([, part]) => !isObject(part))
  return {
    type: 'object',
    description: `A member of an object is a field of its own: ${metadata}.PropertyList[key].`,
    properties: { ...Object.fromEntries(fields.map(([name, part]) => [fieldOf(name), part])), [file]: BYTES },
    required: [...required.map(fieldOf), file],
    additionalProperties: { type: 'string' },
  }
}
