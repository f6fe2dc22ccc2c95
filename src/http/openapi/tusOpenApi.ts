import type { TusMethod, TusResource } from '../contract/operation.js'
import { tusRefusals, tusRows } from '../contract/tusRows.js'

// The TUS rows for the OpenAPI document: the statuses and headers that clients meet. The protocol itself is at tus.io.

type Part = Record<string, unknown>

const STRING = { schema: { type: 'string' } }
const BYTES = { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } }

const text = (description: string): Part => ({ description, content: { 'text/plain': STRING } })

/** Refusals that every method may answer with. */
const COMMON_REFUSALS = {
  401: text('There is no good token, or it does not stand for anyone with access to the resource.'),
  403: text(`The token needs the scope \`altinn:broker.write\`. Or: ${tusRefusals(403)}`),
  404: text(
    `There is no such file transfer. Or: ${tusRefusals(404)} Without \`Tus-Resumable\` this is the answer, too.`,
  ),
  409: text(`A file has already been uploaded. Or: ${tusRefusals(409)}`),
  405: { description: '`X-HTTP-Method-Override` names a method that is not there.' },
  412: text('The server speaks TUS 1.0.0.'),
  423: text(tusRefusals(423)),
  429: text('There were too many calls. `Retry-After` tells how long to wait.'),
  500: text('Something went wrong that nobody expected. The text has the trace id.'),
  503: text('Something that Broker depends on does not answer. `Retry-After` tells when to try again.'),
}

function operationOf(
  { name, summary, description, headers = [], body, success, refusals = {} }: TusMethod,
  scopes: readonly string[],
): Part {
  const answered = success.headers && {
    headers: Object.fromEntries(success.headers.map((header) => [header, STRING])),
  }
  const refused = Object.entries(refusals).map(([status, detail]) => [status, text(detail)])
  return {
    operationId: name,
    summary,
    description,
    tags: ['FileTransfer'],
    parameters: headers.map((header) => ({
      name: header.name,
      in: 'header',
      required: header.isRequired ?? false,
      description: header.description,
      ...STRING,
    })),
    ...(body && { requestBody: { required: body === 'required', content: BYTES } }),
    responses: {
      ...COMMON_REFUSALS,
      [success.status]: { description: success.description, ...answered },
      ...Object.fromEntries(refused),
    },
    security: [{ bearer: scopes }, { bearer: scopes, subscriptionKey: [] }],
  }
}

function pathOf({ path, scopes, documented = {} }: TusResource): Part {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    ...STRING,
  }))
  const methods = Object.entries(documented).map(([method, each]) => [method.toLowerCase(), operationOf(each, scopes)])
  return { ...(parameters.length > 0 && { parameters }), ...Object.fromEntries(methods) }
}

/** The paths of TUS. */
export const tusPaths: Record<string, Part> = Object.fromEntries(
  Object.values<TusResource>(tusRows)
    .filter(({ documented }) => documented)
    .map((row) => [`/${row.path}`, pathOf(row)]),
)
