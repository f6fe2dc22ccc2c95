import { v5, validate } from 'uuid'
import type { FileTransferGroup, FileTransferGroupId, FileTransferId } from '../domain/fileTransfer/state.js'
import type { FileTransferReader } from './ports/fileTransfers.js'

/** How many members of a group are changed at a time. */
export const MEMBERS_AT_A_TIME = 8

/**
 * The id of a file transfer of a group; `number` counts from 1. It follows from the group's, so that a group that was
 * begun can be completed, and found, without a record of its own (RFC 9562 §5.5).
 */
export const memberIdOf = (group: FileTransferGroupId, number: number): FileTransferId => v5(`${number}`, group)

/** The numbers in a group of this size. */
export const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

/** The group, or undefined: there is none with this id, or its first file transfer has been removed. */
export async function readGroup(
  transfers: FileTransferReader,
  id: FileTransferGroupId,
): Promise<FileTransferGroup | undefined> {
  if (!validate(id)) return undefined // a GUID that is no UUID has no name space
  const first = await transfers.read(memberIdOf(id, 1))
  const { group } = first?.transfer ?? {}
  if (!first || group?.id !== id) return undefined
  const { count } = group
  const others = numbersTo(count).slice(1)
  const read = await Promise.all(others.map((number) => transfers.read(memberIdOf(id, number))))
  return { id, count, members: [first.transfer, ...read.flatMap((each) => each?.transfer ?? [])] }
}
