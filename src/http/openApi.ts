import { z } from 'zod'
import { contract } from './contract.js'
import type { FormNames } from './multipart.js'
import { responsesOf } from './openApiResponses.js'
import type { Operation } from './operation.js'
import * as shapes from './responses.js'
import { tusPaths } from './tus/tusOpenApi.js'

/** A part of the document: JSON, told by nothing but its shape. */
type Part = Record<string, unknown>

const ROOT = 'broker/api/v1/'

const HEADERS: Record<string, Part> = {
  'Accept-Encoding': text('The coding that a body may come in: identity, which is none.'),
  'Accept-Ranges': text('bytes: a part may be asked for.'),
  'Content-Disposition': text('The name of the file (RFC 6266).'),
  'Content-Range': text('Where the part lies in the file, or how long the file is.'),
  ETag: text('Which file this is a part of, or all of: the same on every answer, for `If-Range` (RFC 9110).'),
  Link: text('Where the results go on, rel="next" (RFC 8288); not there at the end.'),
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'WWW-Authenticate': text('That a bearer token is needed, or why this one is no good.'),
}

function text(description: string): Part {
  return { description, schema: { type: 'string' } }
}

let made: ReturnType<typeof documentOf> | undefined

/** What of the contract is for the public, as an OpenAPI 3.1 document, served at this address. */
export function openApi(serverUrl: string) {
  const rows = Object.entries<Operation>(contract).filter(([, { isInternal }]) => !isInternal)
  made ??= documentOf(Object.fromEntries(rows))
  return { ...made, paths: { ...made.paths, ...tusPaths }, servers: [{ url: serverUrl }] }
}

/** These rows as a document. */
export function documentOf(rows: Record<string, Operation>) {
  const schemas = schemasOf(rows)
  const paths: Record<string, Part> = {}
  for (const [name, row] of Object.entries(rows)) {
    const path = `/${row.path}`
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(name, row, schemas.refOf) }
  }
  const tags = [...new Set(Object.values(rows).map(tagOf))].map((name) => ({ name, description: TAGS[name] ?? name }))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Altinn Broker',
      version: '1.0.0',
      description:
        'Managed file transfer: a sender announces a file, uploads it, and its recipients download it and confirm. ' +
        'Names in JSON match whatever their case, and members that are not known are passed over.',
    },
    servers: [{ url: '/' }],
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
          ...{ type: 'apiKey', in: 'header', name: 'Ocp-Apim-Subscription-Key' },
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
  Resource: 'How the file transfers of a resource behave.',
  ServiceOwner: 'Who owns resources.',
  Maintenance: 'For those who run the service.',
  Webhooks: 'For other services to call.',
  Service: 'The service itself.',
}

/** The segment after the root, in the spelling of the tags; what has no such tag belongs to the service itself. */
function tagOf({ path }: Operation): string {
  const segment = path.startsWith(ROOT) ? (path.slice(ROOT.length).split('/')[0] ?? '') : ''
  return Object.keys(TAGS).find((tag) => tag.toLowerCase() === segment) ?? 'Service'
}

/** Schemas of what is sent, before it is read: their examples are of that too, but are left out where a schema transforms. */
const AS_SENT: z.core.ToJSONSchemaParams = {
  io: 'input',
  override({ zodSchema, jsonSchema }) {
    const examples = z.globalRegistry.get(zodSchema)?.examples
    if (Array.isArray(examples)) jsonSchema.examples = examples
  },
}

/** Where the schema is in the document. */
export type RefOf = (schema: z.ZodType) => Part

/** Every schema of a body as a component, under the name of its shape or its operation. */
function schemasOf(rows: Record<string, Operation>): { all: Part; refOf: RefOf } {
  const registry = z.registry<{ id: string }>()
  const add = (name: string, schema: z.ZodType) => registry.has(schema) || registry.add(schema, { id: pascal(name) })
  for (const [name, shape] of Object.entries(shapes)) add(name, shape)
  for (const [name, { body, success }] of Object.entries(rows)) {
    if (typeof body === 'object') add(`${name}Request`, body.schema)
    if (success.json) add(`${name}Response`, success.json)
  }
  const { schemas } = z.toJSONSchema(registry, { ...AS_SENT, uri: (id) => `#/components/schemas/${id}` })
  const all = Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema)]))
  return { all, refOf: (schema) => ({ $ref: `#/components/schemas/${registry.get(schema)?.id}` }) }
}

/** In the document a schema is known by its place. */
function withoutAddress({ $id, $schema, ...schema }: Part): Part {
  return schema
}

const pascal = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1)

function operationOf(name: string, row: Operation, refOf: RefOf): Part {
  const { summary, params, query, headers, scopes, guard } = row
  const parameters = [
    ...parametersIn('path', params),
    ...parametersIn('query', query),
    ...parametersIn('header', headers),
  ]
  const requestBody = requestBodyOf(row, refOf)
  return {
    ...{ operationId: name, summary, tags: [tagOf(row)] },
    ...(scopes.length > 0 && { description: `The token needs the scope ${scopes.map(code).join(' or ')}.` }),
    ...(guard && { description: guard }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: responsesOf(row, refOf),
    security: scopes.flatMap((scope) => [{ bearer: [scope] }, { bearer: [scope], subscriptionKey: [] }]),
  }
}

const code = (word: string) => `\`${word}\``

function parametersIn(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): Part[] {
  if (!schema) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, AS_SENT)
  return Object.entries(properties).map(([name, part]) => ({
    ...{ name, in: place, required: required.includes(name), schema: part },
  }))
}

function requestBodyOf({ body, consumes }: Operation, refOf: RefOf): Part | undefined {
  if (body === undefined) return undefined
  const media = consumes ?? 'application/json'
  if (body === 'file') return { required: true, content: { [media]: { schema: BYTES } } }
  if (body === 'json') return { required: true, content: { [media]: { schema: {} } } }
  const schema = 'form' in body ? formOf(body.schema, body.form) : refOf(body.schema)
  return { required: true, content: { [media]: { schema } } }
}

const BYTES = { type: 'string', format: 'binary', description: 'The bytes of the file.' }

/** A form as its fields: the members of the metadata, a list as a field that is repeated, and the file. */
function formOf(schema: z.ZodObject, { metadata, file }: FormNames): Part {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, AS_SENT)
  const fieldOf = (name: string) => `${metadata}.${pascal(name)}`
  const fields = Object.entries(properties).map(([name, part]) => [fieldOf(name), part])
  return {
    type: 'object',
    description: `A member of an object is a field of its own: ${metadata}.PropertyList[key].`,
    properties: { ...Object.fromEntries(fields), [file]: BYTES },
    required: [...required.map(fieldOf), file],
  }
}
