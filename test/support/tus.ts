import type { FileTransferId } from '../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { Result } from '../../src/domain/result.js'
import { type TusUpload, type TusUploadId, WHOLE } from '../../src/domain/tus/upload.js'
import type { TusBroker } from '../../src/http/tus/handleTus.js'
import type { Append, Creation, TusCaller, TusRefusal } from '../../src/usecases/ports/tus.js'
import { callerFor, type World } from './memoryBroker.js'
import { later, sender } from './samples.js'

const inSeconds = (time: Date) => time.getTime() / 1000

/**
 * A caller of TUS with a token of this subject; an expired one was valid from a minute before the start to a minute
 * after.
 */
export const tusCaller = (
  organization: OrganizationNumber = sender,
  subject = 'client',
  isExpired = false,
  times: Record<string, number> = { iat: inSeconds(later(-60)), exp: inSeconds(later(60)) },
): TusCaller => ({
  ...callerFor(organization),
  claims: { client_id: subject, ...times },
  isExpired,
})

/** What went well. @throws with the refusal. */
export function good<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(`Refused: ${String(result.reason)}`)
  return result.value
}

/** The TUS operations of a process, on whatever stores. */
type TusOperations = Omit<TusBroker, 'uploadIdleSeconds'>

/** The calls of one client for one transfer. */
export function tusClient(broker: TusOperations, id: FileTransferId, caller = tusCaller()) {
  const bytes = async function* (parts: Uint8Array[]) {
    yield* parts
  }
  return {
    create: (lengthBytes: number, more: Partial<Creation> = {}): Promise<Result<TusUpload, TusRefusal>> =>
      broker.createTusUpload(caller, id, { kind: 'whole', lengthBytes, metadata: undefined, ...more }),
    patch: (offset: number, content: string | Uint8Array, uploadId: TusUploadId = WHOLE, more: Partial<Append> = {}) =>
      broker.appendToUpload(caller, id, uploadId, {
        offset,
        body: bytes([Buffer.from(content)]),
        declaredBytes: undefined,
        checksum: undefined,
        ...more,
      }),
    head: (uploadId: TusUploadId = WHOLE) => broker.viewTusUpload(caller, id, uploadId),
    join: (order: TusUploadId[]) => broker.concatenateUploads(caller, id, { order, metadata: undefined }),
    end: (uploadId: TusUploadId = WHOLE) => broker.terminateUpload(caller, id, uploadId),
  }
}

/** Makes the blocks of an upload so short that a few bytes are several. */
export async function withBlocksOf(
  blockBytes: number,
  world: World,
  id: FileTransferId,
  uploadId: TusUploadId = WHOLE,
) {
  const { tusUploads } = world.stores
  const read = await tusUploads.read(id, uploadId)
  if (!read) throw new Error(`There is no upload ${uploadId}.`)
  await tusUploads.save(id, { ...read.upload, blockBytes }, read.version)
}

/** The file of a transfer as it is stored, and what is recorded of it. */
export async function fileOf(world: World, id: FileTransferId) {
  const { transfer } = await world.read(id)
  if (!('file' in transfer) || !transfer.file) return undefined
  const { file } = transfer
  const { serviceOwner, useVirusScan: isScanned } = transfer
  const place = { isScanned, serviceOwner, fileTransferId: id, attemptId: file.attemptId }
  const source = await world.stores.blobs.read(place, file.etag, undefined)
  return source && { ...file, bytes: Buffer.concat(await Array.fromAsync(source.bytes)) }
}
