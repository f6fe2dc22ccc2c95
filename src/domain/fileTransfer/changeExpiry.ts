import { addSeconds } from '../duration.js'
import { longestTimeToLiveSeconds, type Resource } from '../resource.js'
import { err, ok } from '../result.js'
import type { Decision, FileTransfer } from './state.js'

/**
 * The latest time to which the expiry can be moved: as long after the creation as the resource allows, and never before
 * the expiry there is. Undefined: the resource is not known, and the time can only be shortened.
 */
export function latestExpiration({ createdAt, expirationTime }: FileTransfer, resource: Resource | undefined): Date {
  const latest = resource ? addSeconds(createdAt, longestTimeToLiveSeconds(resource)) : expirationTime
  return latest > expirationTime ? latest : expirationTime
}

/** The sender shortens or lengthens the time of a published file, until `latest` at most. The same time changes nothing. */
export function changeExpiry(
  transfer: FileTransfer,
  expirationTime: Date,
  latest: Date,
  at: Date,
): Decision<'ExpirationTimeCannotBeChanged' | 'ExpirationTimeNotInFuture' | 'ExpirationTimeTooLate'> {
  const isPublished = transfer.status === 'Published' || transfer.status === 'AllConfirmedDownloaded'
  const isInForce = transfer.deadlines.some(({ kind }) => kind === 'expire')
  if (!isPublished || !isInForce) return err('ExpirationTimeCannotBeChanged')
  const { expirationTime: previousExpirationTime } = transfer
  if (expirationTime.getTime() === previousExpirationTime.getTime()) return ok([])
  if (expirationTime <= at) return err('ExpirationTimeNotInFuture')
  if (expirationTime > latest) return err('ExpirationTimeTooLate')
  return ok([{ type: 'ExpiryChanged', expirationTime, previousExpirationTime, at }])
}
