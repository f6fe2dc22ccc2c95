import type { Fact, FileTransfer, FileTransferId, FileTransferStatus } from '../fileTransfer/state.js'
import { fileOf, recipientsOf } from '../fileTransfer/state.js'
import { statusAfter } from '../fileTransfer/statusAfter.js'
import { type OrganizationNumber, withPrefix } from '../organizationNumber.js'

/**
 * What a receipt states of a published file transfer, with the names of JWT (RFC 7519) where it has one. Times are ISO
 * 8601, `iat` seconds since 1970. The same facts give the same statement, but for `iat`.
 */
export type Receipt = {
  iss: string
  sub: FileTransferId
  iat: number
  resourceId: string
  serviceOwner: string
  sender: string
  file: { name: string; sizeBytes: number; md5: string | null; sha256: string | null }
  created: string
  published: string
  recipients: { organization: string; downloadStarted: string | null; confirmed: string | null }[]
  statuses: { status: FileTransferStatus; at: string }[]
}

/** The receipt of a file transfer, issued at this time; undefined until it is published. */
export function receiptOf(transfer: FileTransfer, facts: Fact[], issuer: string, at: Date): Receipt | undefined {
  const { id, resourceId, serviceOwner, sender, fileName, createdAt, publishedAt } = transfer
  const file = fileOf(transfer)
  if (!publishedAt || !file) return undefined
  const [started, confirmed] = [firstTimes(facts, 'DownloadStarted'), firstTimes(facts, 'DownloadConfirmed')]
  return {
    iss: issuer,
    sub: id,
    iat: Math.floor(at.getTime() / 1000),
    resourceId,
    serviceOwner: withPrefix(serviceOwner),
    sender: withPrefix(sender),
    file: { name: fileName, sizeBytes: file.sizeBytes, md5: file.md5 ?? null, sha256: file.sha256 ?? null },
    created: createdAt.toISOString(),
    published: publishedAt.toISOString(),
    recipients: recipientsOf(transfer).map((organization) => ({
      organization: withPrefix(organization),
      downloadStarted: started.get(organization) ?? null,
      confirmed: confirmed.get(organization) ?? null,
    })),
    statuses: statusesSince(facts),
  }
}

/** When each recipient has done this for the first time. */
function firstTimes(facts: Fact[], type: 'DownloadStarted' | 'DownloadConfirmed'): Map<OrganizationNumber, string> {
  const times = new Map<OrganizationNumber, string>()
  for (const fact of facts)
    if (fact.type === type && !times.has(fact.recipient)) times.set(fact.recipient, fact.at.toISOString())
  return times
}

/** The statuses from `Published` on, oldest first. */
function statusesSince(facts: Fact[]): Receipt['statuses'] {
  const start = facts.findIndex(({ type }) => type === 'Published')
  return facts.slice(start).flatMap((fact) => {
    const status = statusAfter(fact)
    return status ? [{ status, at: fact.at.toISOString() }] : []
  })
}
