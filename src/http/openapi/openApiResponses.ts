import type { z } from 'zod'
import { type Problem, problems } from '../../domain/problems.js'
import { isUpload, type Operation } from '../contract/operation.js'
import * as shapes from '../contract/responses/responses.js'
import { tooManyCalls } from '../gate/refusals.js'
import { subscriptionKeyCheck } from '../gate/subscriptionKey.js'
import {
  type Answer,
  plainProblem,
  problemAnswer,
  problemTypeOf,
  unexpected,
  validationProblem,
} from '../problem/problemJson.js'

const TRACE_ID = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

/**
 * One answer that an operation may give, before those of one status are put together. No media type: there is no body.
 */
type DeclaredAnswer = {
  status: number
  description: string
  media?: string | undefined
  schema?: object | undefined
  example?: { name: string; value: unknown } | undefined
  headers: readonly string[]
}

/** Where a schema is in the document, as a reference. */
export type RefOf = (schema: z.ZodType) => Record<string, unknown>

/**
 * Every answer of an operation as an OpenAPI responses object: by status, the media types in it, and the examples in
 * them.
 */
export const responsesOf = (row: Operation, refOf: RefOf) => grouped(answersOf(row, refOf))

function grouped(answers: DeclaredAnswer[]): Record<string, object> {
  const byStatus = Map.groupBy(answers, ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].toSorted(([one], [other]) => one - other).map(([status, all]) => [status, responseOf(all)]),
  )
}

function responseOf(answers: DeclaredAnswer[]) {
  const headers = new Set(answers.flatMap(({ headers }) => headers))
  const byMedia = Map.groupBy(answers, ({ media }) => media)
  byMedia.delete(undefined)
  return {
    description: describe(answers),
    ...(headers.size > 0 && {
      headers: Object.fromEntries([...headers].map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    ...(byMedia.size > 0 && {
      content: Object.fromEntries([...byMedia].map(([media, all]) => [media, mediaOf(all)])),
    }),
  }
}

/** A sentence, or a list of them, each with Broker's number if it has one. */
function describe(answers: DeclaredAnswer[]): string {
  const lines = answers.map(({ description, example }) => {
    const { code } = (example?.value ?? {}) as { code?: string }
    return code ? `\`${code}\` ${description}` : description
  })
  const [only = '', ...more] = new Set(lines)
  return more.length === 0 ? only : [only, ...more].map((line) => `- ${line}`).join('\n')
}

function mediaOf(answers: DeclaredAnswer[]) {
  const schemas = [...new Map(answers.map(({ schema }) => [JSON.stringify(schema), schema])).values()]
  const examples = answers.flatMap(({ example, description }) => {
    if (!example) return []
    const { code } = example.value as { code?: string }
    return [[code ?? example.name, { summary: code ? `${example.name}` : description, value: example.value }]]
  })
  return {
    schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
    ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
  }
}

/** Every answer that an operation may give. Problems are made by the functions that answer with them. */
function answersOf(row: Operation, refOf: RefOf): DeclaredAnswer[] {
  const { success, produces, consumes, scopes, guard, body, params, query, headers } = row
  const isForm = typeof body === 'object' && 'form' in body
  const isJsonBody = body !== undefined && body !== 'file' && !isForm
  const type = problemTypeOf(row)
  const problem = (name: string, about: string, { status, headers, body }: Answer) => ({
    status,
    description: about,
    media: headers['content-type']?.split(';')[0],
    schema: refOf(shapes.problemDetails),
    example: { name, value: JSON.parse(String(body)) },
    headers: HEADERS_OF_PROBLEMS[status] ?? [],
  })
  const plain = (status: number, about: string) =>
    problem(`Status${status}`, about, plainProblem(status, about, type, TRACE_ID))
  const media = success.json ? 'application/json' : success.content
  const content = {
    media,
    schema: success.json ? refOf(success.json) : undefined,
    ...(media &&
      !success.json && {
        // Of any other text NSwag would make a client that reads it as JSON.
        schema: media === 'text/plain' ? { type: 'string' } : { type: 'string', format: 'binary' },
      }),
  }

  return [
    { status: success.status, description: 'Done.', ...content, headers: success.headers ?? [] },
    ...Object.entries(success.also ?? {}).map(([status, { description, headers = [] }]) => ({
      status: Number(status),
      description,
      ...content,
      headers: [...(success.headers ?? []), ...headers],
    })),
    ...(params || query || headers || isJsonBody || isForm
      ? [problem('Validation', 'The input is not as it should be.', validationProblem(EXAMPLE_ERRORS, type, TRACE_ID))]
      : []),
    ...(scopes.length > 0
      ? [plain(401, 'A good token is needed.'), plain(403, `The token needs the scope ${scopes.join(' or ')}.`)]
      : []),
    ...(guard ? [plain(401, guard)] : []),
    ...(scopes.length > 0
      ? [
          keyRefused(refOf),
          problem('TooMany', 'There were too many calls.', plainProblem(429, tooManyCalls(30).detail, type, TRACE_ID)),
        ]
      : []),
    ...(produces
      ? [
          {
            status: 406,
            description: `The Accept header must allow ${produces}.`,
            headers: [],
          },
        ]
      : []),
    ...(isJsonBody ? [plain(413, 'The body is too long.'), plain(415, 'The body must be JSON.')] : []),
    ...(isUpload(row)
      ? [
          plain(400, 'The bytes of a file come as a whole and as they are: without Content-Range, say.'),
          { ...plain(415, 'The bytes of a file come without Content-Encoding.'), headers: ['Accept-Encoding'] },
        ]
      : []),
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
  416: ['Content-Range', 'ETag'],
  429: ['Retry-After'],
  503: ['Retry-After'],
}

function keyRefused(refOf: RefOf): DeclaredAnswer {
  const refused = subscriptionKeyCheck(['00'])(null)
  const example = { name: 'SubscriptionKey', value: JSON.parse(String(refused?.body)) }
  return {
    status: 401,
    description: 'The gateway wants a subscription key.',
    media: 'application/json',
    example,
    schema: refOf(shapes.problemDetails),
    headers: ['WWW-Authenticate'],
  }
}
