import { err, ok, type Result } from '../../domain/result.js'
import { isPart, type TusUpload, type TusUploadId, WHOLE } from '../../domain/tus/upload.js'
import type { Append, Concatenation, Creation, TusCaller, TusRefusal } from '../../usecases/ports/tus.js'
import type { TusCall, TusHandle, TusReply } from './serveTus.js'
import {
  addressOf,
  byteCount,
  checksumIn,
  concatIn,
  descriptionOf,
  expiryOf,
  metadataIn,
  partIdIn,
  progressOf,
} from './tusHeaders.js'

type TusOperation<Extra extends unknown[], Value> = (
  caller: TusCaller,
  fileTransferId: string,
  ...more: Extra
) => Promise<Result<Value, TusRefusal>>

/** The operations that TUS requests come to. */
export type TusBroker = {
  uploadIdleSeconds: number
  createTusUpload: TusOperation<[Creation], TusUpload>
  concatenateUploads: TusOperation<[Concatenation], TusUpload>
  appendToUpload: TusOperation<[TusUploadId, Append], TusUpload>
  viewTusUpload: TusOperation<[TusUploadId], TusUpload>
  terminateUpload: TusOperation<[TusUploadId], undefined>
}

type Answer = ReturnType<TusHandle>

const CHUNK = 'application/offset+octet-stream'
/** In any case, but without parameters (spec 6.5). */
const isChunk = (headers: TusCall['headers']) => headers.get('content-type')?.trim().toLowerCase() === CHUNK
const NO_CHUNK = { wrong: `The Content-Type of a body must be ${CHUNK}.`, status: 415 }

/** Handles the TUS requests for the upload of a whole file, or of a part. */
export const handleTus =
  (broker: TusBroker, kind: 'whole' | 'part'): TusHandle =>
  async (call): Answer => {
    if (call.method === 'POST') {
      return kind === 'whole' ? create(broker, call) : err({ wrong: 'Parts are created at the address of the file.' })
    }
    const uploadId = kind === 'whole' ? WHOLE : partIdIn(call.partId)
    if (uploadId === undefined) return err('UploadNotFound')
    const { caller, fileTransferId } = call
    switch (call.method) {
      case 'HEAD': {
        const found = await broker.viewTusUpload(caller, fileTransferId, uploadId)
        if (!found.ok) return found
        return ok({ status: 200, headers: descriptionOf(fileTransferId, found.value, broker.uploadIdleSeconds) })
      }
      case 'DELETE': {
        const ended = await broker.terminateUpload(caller, fileTransferId, uploadId)
        return ended.ok ? ok({ status: 204 }) : ended
      }
      case 'PATCH':
        return append(broker, call, uploadId)
    }
  }

async function append(broker: TusBroker, call: TusCall, uploadId: TusUploadId): Answer {
  const { caller, fileTransferId, headers } = call
  if (!isChunk(headers)) return err(NO_CHUNK)
  if (headers.get('upload-length') !== null)
    return err({ wrong: 'Upload-Length was told when the upload was created.' })
  const offset = byteCount('Upload-Offset', headers.get('upload-offset'))
  if ('wrong' in offset) return err(offset)
  const checksum = checksumIn(headers.get('upload-checksum'))
  if ('wrong' in checksum) return err(checksum)
  const appended = await broker.appendToUpload(caller, fileTransferId, uploadId, {
    body: call.body,
    declaredBytes: call.declaredBytes,
    offset: offset.value,
    checksum: checksum.value,
  })
  return appended.ok ? ok({ status: 204, headers: progressOf(appended.value, broker.uploadIdleSeconds) }) : appended
}

async function create(broker: TusBroker, call: TusCall): Answer {
  const { caller, fileTransferId, headers } = call
  if (!isChunk(headers) && (await hasBytes(call))) return err(NO_CHUNK)
  const concat = concatIn(headers.get('upload-concat'), fileTransferId)
  if ('wrong' in concat) return err(concat)
  const metadata = metadataIn(headers.get('upload-metadata'))
  if ('wrong' in metadata) return err(metadata)
  if (headers.get('upload-defer-length') !== null)
    return err({ wrong: 'Upload-Length must be told: it cannot be deferred.' })

  if ('order' in concat.value) {
    if (headers.get('upload-length') !== null)
      return err({ wrong: 'The length of a file is that of its parts: leave Upload-Length out.' })
    if (await hasBytes(call)) return err({ wrong: 'The bytes of a file are those of its parts: send no body.' })
    const { order } = concat.value
    const joined = await broker.concatenateUploads(caller, fileTransferId, { order, metadata: metadata.value })
    return joined.ok ? ok(created(fileTransferId, joined.value)) : joined
  }
  const length = byteCount('Upload-Length', headers.get('upload-length'))
  if ('wrong' in length) return err(length)
  const checksum = checksumIn(headers.get('upload-checksum'))
  if ('wrong' in checksum) return err(checksum)
  const creation = { kind: concat.value.kind, lengthBytes: length.value, metadata: metadata.value }
  const upload = await broker.createTusUpload(caller, fileTransferId, creation)
  if (!upload.ok) return upload
  const reply = created(fileTransferId, upload.value)
  const expiry = expiryOf(upload.value, broker.uploadIdleSeconds)
  if (!isChunk(headers) || call.declaredBytes === 0) return ok({ ...reply, headers: { ...reply.headers, ...expiry } })

  // Creation with upload: the answer has how many of the bytes are stored, also when not all of them are. Bytes that
  // are there already are the same, sent again.
  const { offset } = upload.value
  if (offset > 0)
    return ok({ ...reply, headers: { ...reply.headers, ...progressOf(upload.value, broker.uploadIdleSeconds) } })
  const bytes = { body: call.body, declaredBytes: call.declaredBytes, offset, checksum: checksum.value }
  const appended = await broker.appendToUpload(caller, fileTransferId, upload.value.id, bytes)
  const now = appended.ok ? appended : await broker.viewTusUpload(caller, fileTransferId, upload.value.id)
  const progress = now.ok ? progressOf(now.value, broker.uploadIdleSeconds) : expiry
  return ok({ ...reply, headers: { ...reply.headers, ...progress } })
}

/** Whether there is a body with anything in it. Where its length is not declared, it is read. */
async function hasBytes({ declaredBytes, body }: TusCall): Promise<boolean> {
  if (declaredBytes !== undefined) return declaredBytes > 0
  for await (const chunk of body) if (chunk.length > 0) return true
  return false
}

const created = (fileTransferId: string, upload: TusUpload): TusReply & { headers: Record<string, string> } => ({
  status: 201,
  headers: { location: addressOf(fileTransferId, upload.id, isPart(upload)) },
})
