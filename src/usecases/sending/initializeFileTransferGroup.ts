import type { InitializeRequest } from '../../domain/fileTransfer/initialize.js'
import { err, ok } from '../../domain/result.js'
import { forEachConcurrent } from '../../lib/forEachConcurrent.js'
import { MEMBERS_AT_A_TIME, memberIdOf, numbersTo } from '../fileTransferGroups.js'
import type { Caller } from '../ports/access.js'
import { claimKey, createOnce, type InitializeDeps, prepareSending } from './initializeFileTransfer.js'

type OfEachFile = 'fileName' | 'checksum' | 'checksumSha256'

/** What a sender requests for several files at once. */
export type InitializeGroupRequest = Omit<InitializeRequest, OfEachFile> & {
  files: Pick<InitializeRequest, OfEachFile>[]
}

/**
 * Initializes a transfer for each file of a group. All of them or none are refused. A process that dies on the way
 * leaves some of them; the same request with its idempotency key initializes the others.
 */
export const initializeFileTransferGroup =
  (deps: InitializeDeps) => async (caller: Caller, request: InitializeGroupRequest, idempotencyKey: string) => {
    const { transfers, newId } = deps
    const { files, ...shared } = request
    const prepared = await prepareSending(deps, caller, request)
    if (!prepared.ok) return prepared
    const { value: begin } = prepared
    for (const file of files) {
      const begun = begin({ ...shared, ...file }, newId())
      if (!begun.ok) return begun
    }

    const claimed = await claimKey(deps, caller, request, { key: idempotencyKey, id: newId() })
    if (!claimed.ok) return claimed
    const { value: id } = claimed
    let areAllThere = true
    await forEachConcurrent(files.entries(), MEMBERS_AT_A_TIME, async ([index, file]) => {
      const number = index + 1
      const memberId = memberIdOf(id, number)
      if (await transfers.read(memberId)) return // by an earlier request with this key
      const begun = begin({ ...shared, ...file }, memberId, { id, number, count: files.length })
      const created = begun.ok ? await createOnce(deps, caller, begun.value) : begun
      if (!created.ok) areAllThere = false
    })
    if (!areAllThere) return err('FileTransferBusy')
    return ok({ id, fileTransferIds: numbersTo(files.length).map((number) => memberIdOf(id, number)) })
  }
