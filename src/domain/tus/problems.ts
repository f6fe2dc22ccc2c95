/** The problems of the TUS protocol, with its statuses: https://tus.io/protocols/resumable-upload */
export const tusProblems = {
  UploadNotFound: { status: 404, detail: 'There is no such upload, or it has expired. Create one: POST.' },
  UploadLocked: { status: 423, detail: 'Another request is writing to this upload. Try again in some seconds.' },
  UploadIsFinal: { status: 403, detail: 'An upload that is joined from parts takes no bytes.' },
  OffsetMismatch: {
    status: 409,
    detail: 'Upload-Offset is not where the upload stands. Ask with HEAD, and go on there.',
  },
  UploadIsComplete: { status: 409, detail: 'The upload is complete already.' },
  TooManyBytes: { status: 413, detail: 'That is more than Upload-Length.' },
  BytesDamaged: {
    status: 460,
    detail: 'The bytes do not have the checksum in Upload-Checksum. None of them is kept: send them again.',
  },
  UploadTooLarge: { status: 400, detail: 'Upload-Length is more than this file transfer may have.' },
  PartMissing: { status: 400, detail: 'Upload-Concat names an upload that is no part of this file.' },
  PartTwice: { status: 400, detail: 'Upload-Concat names a part twice.' },
  PartUnfinished: { status: 400, detail: 'A part that Upload-Concat names is not complete. Ask each with HEAD.' },
  PartsOfSeveralUploads: { status: 400, detail: 'Upload-Concat names parts of an upload that was given up.' },
  TooManyParts: {
    status: 400,
    detail: 'The file is sent in too many parts already. Send what is left in larger ones.',
  },
  TooManyBlocks: {
    status: 400,
    detail: 'The parts come in too many blocks. Send them in fewer, larger PATCH requests.',
  },
  JoinedAlready: { status: 409, detail: 'Other parts have been joined already.' },
} as const satisfies Record<string, { status: number; detail: string }>

export type TusProblem = keyof typeof tusProblems
