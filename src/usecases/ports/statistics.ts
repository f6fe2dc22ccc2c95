import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { DailySummary } from '../../domain/projections/dailyReport.js'
import type { Month, StatisticsRow } from '../../domain/projections/statistics.js'

/** The rows of the statistics, one for each month, transfer and recipient. */
export type StatisticsStore = {
  /** Merges each row with the one that exists; idempotent. */
  merge(rows: StatisticsRow[]): Promise<void>
  /** The rows of a service owner's month, of one resource if one is named; those of a transfer follow each other. */
  ofServiceOwner(month: Month, owner: OrganizationNumber, resourceId?: string): AsyncIterable<StatisticsRow>
  /** The rows of a month; those of a transfer follow each other. */
  ofMonth(month: Month): AsyncIterable<StatisticsRow>
  /** The months that have rows, oldest first. */
  months(): Promise<Month[]>
  /** Records that a row of a month that was over has changed at this time. */
  recordLateChange(month: Month, at: Date): Promise<void>
  /** When a row of the month last changed after its end, as far as recorded. */
  lastLateChange(month: Month): Promise<Date | undefined>
}

/** The days of a month that is over, as they were when they were last read. */
export type ClosedMonth = { readFrom: Date; days: DailySummary[] }

/** Months that are over, with their days added up. */
export type ClosedMonths = {
  /** Undefined when none is stored. */
  read(month: Month): Promise<ClosedMonth | undefined>
  /** Replaces the month as a whole. */
  save(month: Month, closed: ClosedMonth): Promise<void>
}

/** Stored reports. */
export type ReportFiles = {
  /** Stores a report, and returns its address. */
  save(name: string, bytes: Uint8Array): Promise<string>
}

/** A line of the daily report, as its columns name it. */
export type ReportLine = Omit<DailySummary, 'isStatusMessage' | 'recipient'> & { serviceOwnerName: string }
/** The daily report, and what it counts. */
export type Report = {
  name: string
  bytes: Uint8Array
  /** The MD5 in base64. */
  hash: string
  serviceOwners: number
  fileTransfers: number
  generatedAt: Date
}

/** The daily report as a Parquet file, and its MD5 in base64. */
export type ToParquet = (lines: ReportLine[]) => { bytes: Uint8Array; hash: string }
