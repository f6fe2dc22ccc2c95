import type { OrganizationNumber } from '../organizationNumber.js'
import type { StatisticsRow } from './statistics.js'

/** The transfers of a party, one for each recipient, and their bytes. */
export type PartyTotals = { organization: OrganizationNumber; fileTransfers: number; sizeBytes: number }

const SHOWN = 10

/**
 * The parties with the most file transfers among those that were created in the month of the rows. A transfer counts
 * once for each recipient, as in the other reports; the bytes that a sender has sent count once.
 */
export function largestParties(rows: StatisticsRow[]): { senders: PartyTotals[]; recipients: PartyTotals[] } {
  const senders = new Map<OrganizationNumber, PartyTotals>()
  const recipients = new Map<OrganizationNumber, PartyTotals>()
  const seen = new Set<string>()
  for (const { createdAt, fileTransferId, sender, recipient, sizeBytes = 0 } of rows) {
    if (!createdAt) continue
    add(senders, sender, seen.has(fileTransferId) ? 0 : sizeBytes)
    add(recipients, recipient, sizeBytes)
    seen.add(fileTransferId)
  }
  return { senders: largest(senders), recipients: largest(recipients) }
}

function add(totals: Map<OrganizationNumber, PartyTotals>, organization: OrganizationNumber, sizeBytes: number) {
  const known = totals.get(organization) ?? { organization, fileTransfers: 0, sizeBytes: 0 }
  totals.set(organization, {
    organization,
    fileTransfers: known.fileTransfers + 1,
    sizeBytes: known.sizeBytes + sizeBytes,
  })
}

const largest = (totals: Map<OrganizationNumber, PartyTotals>): PartyTotals[] =>
  [...totals.values()]
    .toSorted((one, other) => other.fileTransfers - one.fileTransfers || other.sizeBytes - one.sizeBytes)
    .slice(0, SHOWN)
