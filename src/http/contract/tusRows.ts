import { tusProblems } from '../../domain/tus/problems.js'
import type { TusMethod, TusResource } from './operation.js'
import { WRITE } from './scopes.js'

/** The path that all TUS resources are below, without a leading slash. */
export const TUS_ROOT = 'broker/api/v1/filetransfer/upload/tus'
const ANY_UPLOAD = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** What the protocol itself refuses with this status. */
export const tusRefusals = (status: number): string =>
  Object.values(tusProblems)
    .filter((each) => each.status === status)
    .map(({ detail }) => detail)
    .join(' ')

const VERSION = { name: 'Tus-Resumable', description: 'The version of the protocol: 1.0.0.', isRequired: true }
const OFFSET = { name: 'Upload-Offset', description: 'Where the upload stands, in bytes.', isRequired: true }
const CHECKSUM = {
  name: 'Upload-Checksum',
  description: 'md5, sha1 or sha256, a space, and the checksum of the bytes in base64.',
}
const CREATION = [
  { name: 'Upload-Length', description: 'The length of the file or the part, in bytes. Not when parts are joined.' },
  { name: 'Upload-Metadata', description: 'Pairs of a key and a value in base64. They are given back as they are.' },
  {
    name: 'Upload-Concat',
    description: '`partial` for a part, or `final;` and the addresses of the parts in their order.',
  },
]

/** The methods of an upload that is there. */
const methodsOfUpload = (name: string, what: string) =>
  ({
    HEAD: {
      name: `${name}Head`,
      summary: `Tells how much of ${what} is stored`,
      description: 'Ask before an upload is resumed, and go on from the offset in the answer.',
      headers: [VERSION],
      success: {
        status: 200,
        description: 'Where the upload stands.',
        headers: ['Upload-Offset', 'Upload-Length', 'Upload-Metadata', 'Upload-Concat', 'Upload-Expires'],
      },
    },
    PATCH: {
      name: `${name}Patch`,
      summary: `Stores bytes of ${what}: when it answers they are durable`,
      description:
        'The bytes go behind those that are stored. Send `Upload-Checksum`, or a checksum when the file transfer is initialized. With the last byte of the ' +
        'file the upload is complete.',
      headers: [VERSION, OFFSET, CHECKSUM],
      body: 'required',
      success: { status: 204, description: 'The bytes are stored.', headers: ['Upload-Offset', 'Upload-Expires'] },
      refusals: {
        400: 'A header is missing or malformed.',
        413: tusRefusals(413),
        415: 'The content type must be `application/offset+octet-stream`, and the bytes without `Content-Encoding`.',
        460: tusRefusals(460),
      },
    },
    DELETE: {
      name: `${name}Delete`,
      summary: `Gives ${what} up; the file transfer waits for another`,
      description: 'The stored bytes are deleted.',
      headers: [VERSION],
      success: { status: 204, description: 'Nothing is left of the upload.' },
    },
  }) as const satisfies Record<string, TusMethod>

/** The TUS resources (spec 6.1). POST is there on all for `X-HTTP-Method-Override`. */
export const tusRows = {
  tusUploads: {
    summary: 'What the server can do (TUS 1.0.0)',
    path: TUS_ROOT,
    methods: ['POST', 'OPTIONS'],
    scopes: [WRITE],
    documented: {
      OPTIONS: {
        name: 'tusOptions',
        summary: 'What the server can do (TUS 1.0.0)',
        description: 'Versions and extensions of the protocol, and the largest file.',
        success: {
          status: 204,
          description: 'What the server can do.',
          headers: ['Tus-Version', 'Tus-Extension', 'Tus-Checksum-Algorithm', 'Tus-Max-Size'],
        },
      },
    },
  },
  tusUpload: {
    summary: 'The upload of a file, as a whole or joined from parts (TUS 1.0.0)',
    path: `${TUS_ROOT}/{fileTransferId}`,
    methods: ANY_UPLOAD,
    scopes: [WRITE],
    documented: {
      POST: {
        name: 'tusCreate',
        summary: 'Begins the upload of a file or a part, or joins parts into the file',
        description:
          'Answers with the address to send the bytes to. A whole file of the same length that is under way is resumed. Parts are sent side by side and ' +
          'joined by `Upload-Concat: final`; no byte is copied.',
        headers: [VERSION, ...CREATION, CHECKSUM],
        body: 'optional',
        success: {
          status: 201,
          description: 'The upload is there.',
          headers: ['Location', 'Upload-Offset', 'Upload-Expires'],
        },
        refusals: {
          400: `A header is missing or malformed. Or: ${tusRefusals(400)}`,
          415: 'The content type of bytes must be `application/offset+octet-stream`, and the bytes without `Content-Encoding`.',
        },
      },
      ...methodsOfUpload('tus', 'the file'),
    },
  },
  tusPart: {
    summary: 'The upload of a part of a file, beside others (TUS 1.0.0)',
    path: `${TUS_ROOT}/{fileTransferId}/partial/{partId}`,
    methods: ANY_UPLOAD,
    scopes: [WRITE],
    documented: methodsOfUpload('tusPart', 'a part'),
  },
  tusPartLegacy: {
    summary: 'The same, at its old address',
    path: `${TUS_ROOT}/{fileTransferId}/{partId}`,
    methods: ANY_UPLOAD,
    scopes: [WRITE],
  },
} as const satisfies Record<string, TusResource>
