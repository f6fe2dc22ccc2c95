import { z } from 'zod'
import { type Problem, problems } from '../domain/problems.js'
import { contract, type Operation } from './contract.js'
import { type DeclaredAnswer, grouped } from './openApiResponses.js'
import { plainProblem, problemAnswer, unexpected, validationProblem } from './problemJson.js'
import * as shapes from './responses.js'

/** A part of the document: JSON, told by nothing but its shape. */
export type Part = Record<string, unknown>

const TRACE_ID = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
const ROOT = 'broker/api/v1/'

const HEADERS: Record<string, Part> = {
  'Accept-Ranges': text('bytes: a part may be asked for.'),
  'Content-Disposition': text('The name of the file (RFC 6266).'),
  'Content-Range': text('Where the part lies in the file, or how long the file is.'),
  Link: text('Where the results go on, rel="next" (RFC 8288); not there at the end.'),
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
  'WWW-Authenticate': text('That a bearer token is needed, or why this one is no good.'),
}

function text(description: string): Part {
  return { description, schema: { type: 'string' } }
}

let made: ReturnType<typeof documentOf> | undefined

/** The contract as an OpenAPI 3.1 document, served at this address. */
export function openApi(serverUrl: string) {
  made ??= documentOf(contract)
  return { ...made, servers: [{ url: serverUrl }] }
}

function documentOf(rows: Record<string, Operation>) {
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

type RefOf = (schema: z.ZodType) => Part

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
  const { summary, params, query, headers, scopes } = row
  const parameters = [
    ...parametersIn('path', params),
    ...parametersIn('query', query),
    ...parametersIn('header', headers),
  ]
  const requestBody = requestBodyOf(row, refOf)
  return {
    ...{ operationId: name, summary, tags: [tagOf(row)] },
    ...(scopes.length > 0 && { description: `The token needs the scope ${scopes.map(code).join(' or ')}.` }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: grouped(answersOf(row, refOf)),
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
  const bytes = { type: 'string', format: 'binary', description: 'The bytes of the file.' }
  const schema = typeof body === 'object' ? refOf(body.schema) : bytes
  return { required: true, content: { [consumes ?? 'application/json']: { schema } } }
}

/** Every answer that an operation may give. Problems are made by the functions that answer with them. */
function answersOf(row: Operation, refOf: RefOf): DeclaredAnswer[] {
  const { success, produces, consumes, scopes, body, params, query, headers } = row
  const isJsonBody = typeof body === 'object'
  const type = produces ?? 'application/problem+json'
  const problem = (name: string, about: string, { status, headers, body }: ReturnType<typeof problemAnswer>) => ({
    ...{ status, description: about, media: headers['content-type']?.split(';')[0] },
    schema: refOf(name === 'Validation' ? shapes.validationProblemDetails : shapes.problemDetails),
    example: { name, value: JSON.parse(String(body)) },
    headers: HEADERS_OF_PROBLEMS[status] ?? [],
  })
  const plain = (status: number, about: string) =>
    problem(`Status${status}`, about, plainProblem(status, about, type, TRACE_ID))
  const media = success.json ? 'application/json' : success.content
  const content = {
    ...{ media, schema: success.json ? refOf(success.json) : undefined },
    ...(media &&
      !success.json && {
        schema: media.startsWith('text/') ? { type: 'string' } : { type: 'string', format: 'binary' },
      }),
  }

  return [
    { status: success.status, description: 'Done.', ...content, headers: success.headers ?? [] },
    ...Object.entries(success.also ?? {}).map(([status, { description, headers = [] }]) => ({
      ...{ status: Number(status), description, ...content, headers: [...(success.headers ?? []), ...headers] },
    })),
    ...(params || query || headers || isJsonBody
      ? [problem('Validation', 'The input is not as it should be.', validationProblem(EXAMPLE_ERRORS, type, TRACE_ID))]
      : []),
    ...(scopes.length > 0
      ? [plain(401, 'A good token is needed.'), plain(403, `The token needs the scope ${scopes.join(' or ')}.`)]
      : []),
    ...(produces
      ? [
          {
            status: 406,
            description: `The Accept header must allow ${produces}.`,
            headers: [],
            media: 'text/plain',
            schema: { type: 'string' },
          },
        ]
      : []),
    ...(isJsonBody ? [plain(413, 'The body is too long.'), plain(415, 'The body must be JSON.')] : []),
    ...(consumes ? [{ status: 415, description: `The Content-Type must be ${consumes}.`, headers: [] }] : []),
    ...row.problems.map((name: Problem) => {
      const { detail } = problems[name]
      return problem(name, detail, problemAnswer(name, type, TRACE_ID))
    }),
    problem('Unexpected', 'What nobody expected.', unexpected(`/${row.path}`, TRACE_ID)),
    plain(503, 'Something that Broker depends on does not answer. Try again.'),
  ]
}

const EXAMPLE_ERRORS = { Field: ['What is wrong with it.'] }
const HEADERS_OF_PROBLEMS: Record<number, string[]> = {
  401: ['WWW-Authenticate'],
  416: ['Content-Range'],
  503: ['Retry-After'],
}
