import { tusProblems } from '../../domain/tus/problems.js'
import { TUS_ROOT, tusContract } from '../contract/tusContract.js'

// TUS for the OpenAPI document: the statuses and headers that clients meet. The protocol itself is at tus.io.

type Part = Record<string, unknown>

const header = (name: string, description: string, isRequired = false): Part => ({
  ...{ name, in: 'header', required: isRequired, description, schema: { type: 'string' } },
})
const inPath = (name: string): Part => ({ name, in: 'path', required: true, schema: { type: 'string' } })

const VERSION = header('Tus-Resumable', 'The version of the protocol: 1.0.0.', true)
const OFFSET = header('Upload-Offset', 'Where the upload stands, in bytes.', true)
const CHECKSUM = header('Upload-Checksum', 'md5, sha1 or sha256, a space, and the checksum of the bytes in base64.')
const CREATION = [
  header('Upload-Length', 'The length of the file or the part, in bytes. Not when parts are joined.'),
  header('Upload-Metadata', 'Pairs of a key and a value in base64. They are given back as they are.'),
  header('Upload-Concat', '`partial` for a part, or `final;` and the addresses of the parts in their order.'),
]

const text = (description: string): Part => ({
  ...{ description, content: { 'text/plain': { schema: { type: 'string' } } } },
})
const told = (description: string, ...names: string[]): Part => ({
  description,
  headers: Object.fromEntries(names.map((name) => [name, { schema: { type: 'string' } }])),
})

/** Refusals by the protocol with this status. */
const refusals = (status: number) =>
  Object.values(tusProblems)
    .filter((each) => each.status === status)
    .map(({ detail }) => detail)
    .join(' ')

const ALWAYS = {
  401: text('There is no good token, or it does not stand for anyone with access to the resource.'),
  403: text(`The token needs the scope \`altinn:broker.write\`. Or: ${refusals(403)}`),
  404: text(`There is no such file transfer. Or: ${refusals(404)} Without \`Tus-Resumable\` this is the answer, too.`),
  409: text(`A file has already been uploaded. Or: ${refusals(409)}`),
  405: { description: '`X-HTTP-Method-Override` names a method that is not there.' },
  412: text('The server speaks TUS 1.0.0.'),
  423: text(refusals(423)),
  429: text('There were too many calls. `Retry-After` tells how long to wait.'),
  500: text('Something went wrong that nobody expected. The text has the trace id.'),
  503: text('Something that Broker depends on does not answer. `Retry-After` tells when to try again.'),
}

const BYTES = { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } }
const SECURITY = [{ bearer: ['altinn:broker.write'] }, { bearer: ['altinn:broker.write'], subscriptionKey: [] }]

/** By the protocol; what Broker adds is told in the guide. */
const DESCRIPTIONS = {
  Options: 'Versions and extensions of the protocol, and the largest file.',
  Create:
    'Answers with the address to send the bytes to. A whole file of the same length that is under way is resumed. Parts are sent side by side and ' +
    'joined by `Upload-Concat: final`; no byte is copied.',
  Head: 'Ask before an upload is resumed, and go on from the offset in the answer.',
  Patch:
    'The bytes go behind those that are stored. Send `Upload-Checksum`, or a checksum when the file transfer is initialized. With the last byte of the ' +
    'file the upload is complete.',
  Delete: 'The stored bytes are deleted.',
}

function operation(id: string, summary: string, parameters: Part[], responses: Part, more: Part = {}): Part {
  const answers = { ...ALWAYS, ...responses }
  const [, kind = ''] = /([A-Z][a-z]+)$/.exec(id) ?? []
  return {
    operationId: id,
    summary,
    description: DESCRIPTIONS[kind as keyof typeof DESCRIPTIONS],
    tags: ['FileTransfer'],
    parameters,
    ...more,
    responses: answers,
    security: SECURITY,
  }
}

function ofUpload(name: string, what: string): Part {
  return {
    head: operation(`${name}Head`, `Tells how much of ${what} is stored`, [VERSION], {
      200: told(
        'Where the upload stands.',
        'Upload-Offset',
        'Upload-Length',
        'Upload-Metadata',
        'Upload-Concat',
        'Upload-Expires',
      ),
    }),
    patch: operation(
      `${name}Patch`,
      `Stores bytes of ${what}: when it answers they are durable`,
      [VERSION, OFFSET, CHECKSUM],
      {
        204: told('The bytes are stored.', 'Upload-Offset', 'Upload-Expires'),
        400: text('A header is missing or malformed.'),
        413: text(refusals(413)),
        415: text(
          'The content type must be `application/offset+octet-stream`, and the bytes without `Content-Encoding`.',
        ),
        460: text(refusals(460)),
      },
      { requestBody: { required: true, content: BYTES } },
    ),
    delete: operation(`${name}Delete`, `Gives ${what} up; the file transfer waits for another`, [VERSION], {
      204: { description: 'Nothing is left of the upload.' },
    }),
  }
}

/** The paths of TUS. */
export const tusPaths: Record<string, Part> = {
  [`/${tusContract.tusUploads.path}`]: {
    options: operation('tusOptions', tusContract.tusUploads.summary, [], {
      204: told('What the server can do.', 'Tus-Version', 'Tus-Extension', 'Tus-Checksum-Algorithm', 'Tus-Max-Size'),
    }),
  },
  [`/${tusContract.tusUpload.path}`]: {
    parameters: [inPath('fileTransferId')],
    post: operation(
      'tusCreate',
      'Begins the upload of a file or a part, or joins parts into the file',
      [VERSION, ...CREATION, CHECKSUM],
      {
        201: told('The upload is there.', 'Location', 'Upload-Offset', 'Upload-Expires'),
        400: text(`A header is missing or malformed. Or: ${refusals(400)}`),
        415: text(
          'The content type of bytes must be `application/offset+octet-stream`, and the bytes without `Content-Encoding`.',
        ),
      },
      { requestBody: { required: false, content: BYTES } },
    ),
    ...ofUpload('tus', 'the file'),
  },
  [`/${TUS_ROOT}/{fileTransferId}/partial/{partId}`]: {
    parameters: [inPath('fileTransferId'), inPath('partId')],
    ...ofUpload('tusPart', 'a part'),
  },
}
