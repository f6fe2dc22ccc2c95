import type { TusProblem } from '../../src/domain/tus/problems.ts'
import type { ErrorText } from './errorTexts.ts'

/** The errors that only TUS has. */
export const tusErrors: Record<TusProblem, ErrorText> = {
  UploadNotFound: {
    cause: 'the upload has never been created, was deleted, has expired, or the transfer has failed',
    remedy: 'check the status of the transfer; if it still accepts a file, create the upload',
  },
  UploadLocked: {
    cause: 'another request writes to the upload, or an instance died less than 30 seconds ago',
    remedy: 'wait some seconds, send `HEAD`, and resume there',
  },
  UploadIsFinal: { cause: 'a `PATCH` of an upload that is joined from parts', remedy: 'send bytes to the parts' },
  OffsetMismatch: {
    cause: '`Upload-Offset` is not what is stored: an answer was lost, or two clients send',
    remedy: 'send `HEAD`, and resume there',
  },
  UploadIsComplete: {
    cause: 'a `DELETE`, when the parts have been joined or all bytes are there',
    remedy: 'nothing: follow the transfer',
  },
  TooManyBytes: {
    cause: 'the request has more bytes than `Upload-Length` leaves room for',
    remedy: 'create the upload with the right length',
  },
  BytesDamaged: {
    cause: 'the bytes were damaged in transit, or the checksum is of other bytes',
    remedy: 'send the same bytes again from the same offset',
  },
  UploadTooLarge: {
    cause: 'the file, or the sum of its parts, is larger than the resource or the virus scan allows',
    remedy: 'see the [limits](large-files.md#limits)',
  },
  PartMissing: { cause: 'a part was never created, or was deleted', remedy: 'send it, then join' },
  PartTwice: { cause: 'the same address is named twice in `Upload-Concat`', remedy: 'name each part once' },
  PartUnfinished: {
    cause: 'a part is not complete',
    remedy: 'send `HEAD` to each, resume the incomplete ones, then join',
  },
  PartsOfSeveralUploads: {
    cause: 'the upload has been created anew since the part was sent',
    remedy: 'send all parts again',
  },
  TooManyParts: { cause: 'more than 5,000 parts', remedy: 'fewer and larger parts' },
  TooManyBlocks: {
    cause: 'very many small `PATCH` requests for parts of a very large file',
    remedy: '16 MiB for each request, or more if it is chunked',
  },
  JoinedAlready: {
    cause: 'the file has been joined from other parts, or in another order',
    remedy: 'check the transfer; if the order was wrong, initialize a new one',
  },
}
