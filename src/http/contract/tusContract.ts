import type { HttpMethod } from '@azure/functions'

/** One TUS resource: all methods of a path are one function. */
export type TusOperation = { summary: string; path: string; methods: readonly HttpMethod[] }

export const TUS_ROOT = 'broker/api/v1/filetransfer/upload/tus'
const ANY_UPLOAD = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** The TUS resources (spec 6.1). POST is there on all for `X-HTTP-Method-Override`. */
export const tusContract = {
  tusUpload: {
    summary: 'The upload of a file, as a whole or joined from parts (TUS 1.0.0)',
    path: `${TUS_ROOT}/{fileTransferId}`,
    methods: ANY_UPLOAD,
  },
  tusPart: {
    summary: 'The upload of a part of a file, beside others (TUS 1.0.0)',
    path: `${TUS_ROOT}/{fileTransferId}/partial/{partId}`,
    methods: ANY_UPLOAD,
  },
  tusPartLegacy: {
    summary: 'The same, at its old address',
    path: `${TUS_ROOT}/{fileTransferId}/{partId}`,
    methods: ANY_UPLOAD,
  },
  tusUploads: {
    summary: 'What the server can do (TUS 1.0.0)',
    path: TUS_ROOT,
    methods: ['POST', 'OPTIONS'],
  },
} as const satisfies Record<string, TusOperation>

/** Each method of each resource. */
export const tusRows = Object.values(tusContract).flatMap(({ path, methods }) =>
  methods.map((method) => ({ path, method })),
)
