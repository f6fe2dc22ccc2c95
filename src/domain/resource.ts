import { parseDuration } from './duration.js'
import type { OrganizationNumber } from './organizationNumber.js'
import type { Problem } from './problems.js'
import type { Reminders } from './reminders.js'
import { err, ok, type Result } from './result.js'

/** The settings of one broker service. An undefined one has its default. */
export type Resource = {
  id: string
  owner: OrganizationNumber
  maxFileTransferSize?: number
  timeToLiveSeconds?: number
  /** How long after its creation a sender can have a file transfer live; undefined: the time to live. */
  maxTimeToLiveSeconds?: number
  purgeAfterAllConfirmed: boolean
  graceSeconds?: number
  useManifestFileShim?: boolean
  externalServiceCodeLegacy?: string
  externalServiceEditionCodeLegacy?: number
  /** Empty: no party is required. */
  requiredParty?: string
  /** When recipients who have not confirmed are reminded, unless a sender chooses fewer. */
  reminders?: Reminders
  /** Set by an operator, after an agreement: files without a virus scan, and files larger than a scan takes. */
  isApprovedForDisabledVirusScan: boolean
  /** Set by Broker, and never lowered: projections/searchPartitions.ts. */
  searchPartitions?: number
}

/** The settings that the owner changes. An undefined one stays as it is. */
export type ResourceChange = {
  maxFileTransferSize?: number | undefined
  fileTransferTimeToLive?: string | undefined
  fileTransferMaxTimeToLive?: string | undefined
  purgeFileTransferAfterAllRecipientsConfirmed?: boolean | undefined
  purgeFileTransferGracePeriod?: string | undefined
  useManifestFileShim?: boolean | undefined
  externalServiceCodeLegacy?: string | undefined
  externalServiceEditionCodeLegacy?: number | undefined
  requiredParty?: string | undefined
  reminders?: Reminders | undefined
}

/** The largest file that the virus scanner scans, in bytes. */
export const MAX_SCANNED_BYTES = 50_000_000_000
/** The largest file in Blob Storage, in bytes: 50,000 blocks of 32 MiB. */
export const MAX_BYTES = 1_677_721_600_000
const DEFAULT_TIME_TO_LIVE_SECONDS = 30 * 86_400
const MAX_TIME_TO_LIVE_SECONDS = 365 * 86_400
const DEFAULT_GRACE_SECONDS = 2 * 3600
const MAX_GRACE_SECONDS = 24 * 3600

/** A resource with default settings. */
export const newResource = (id: string, owner: OrganizationNumber): Resource => ({
  id,
  owner,
  purgeAfterAllConfirmed: true,
  isApprovedForDisabledVirusScan: false,
})

const URN = 'urn:altinn:resource:'

/** The id without the prefix that Altinn may write before it. */
export const bareResourceId = (id: string): string => (id.startsWith(URN) ? id.slice(URN.length) : id)

/** The changed resource, or the first problem in the original's order. */
export function configure(
  resource: Resource,
  change: ResourceChange,
  isProduction: boolean,
): Result<
  Resource,
  Extract<
    Problem,
    | `MaxUploadSize${string}`
    | 'InvalidTimeToLiveFormat'
    | 'TimeToLiveCannotExceed365Days'
    | 'InvalidMaxTimeToLiveFormat'
    | 'MaxTimeToLiveCannotExceed365Days'
    | 'InvalidGracePeriodFormat'
    | 'GracePeriodCannotExceed24Hours'
  >
> {
  const { maxFileTransferSize: size, fileTransferTimeToLive, purgeFileTransferGracePeriod } = change
  if (size !== undefined) {
    if (size < 0) return err('MaxUploadSizeCannotBeNegative')
    if (size === 0) return err('MaxUploadSizeCannotBeZero')
    const isUnapproved = isProduction && !resource.isApprovedForDisabledVirusScan
    if (isUnapproved && size > MAX_SCANNED_BYTES) return err('MaxUploadSizeForVirusScan')
    if (size > MAX_BYTES) return err('MaxUploadSizeOverGlobal')
  }
  const timeToLiveSeconds =
    fileTransferTimeToLive === undefined ? undefined : (parseDuration(fileTransferTimeToLive) ?? 0)
  if (timeToLiveSeconds !== undefined) {
    if (timeToLiveSeconds <= 0) return err('InvalidTimeToLiveFormat')
    if (timeToLiveSeconds > MAX_TIME_TO_LIVE_SECONDS) return err('TimeToLiveCannotExceed365Days')
  }
  const maxTimeToLiveSeconds =
    change.fileTransferMaxTimeToLive === undefined ? undefined : (parseDuration(change.fileTransferMaxTimeToLive) ?? 0)
  if (maxTimeToLiveSeconds !== undefined) {
    if (maxTimeToLiveSeconds <= 0) return err('InvalidMaxTimeToLiveFormat')
    if (maxTimeToLiveSeconds > MAX_TIME_TO_LIVE_SECONDS) return err('MaxTimeToLiveCannotExceed365Days')
  }
  const graceSeconds =
    purgeFileTransferGracePeriod === undefined ? undefined : (parseDuration(purgeFileTransferGracePeriod) ?? -1)
  if (graceSeconds !== undefined) {
    if (graceSeconds < 0) return err('InvalidGracePeriodFormat')
    if (graceSeconds > MAX_GRACE_SECONDS) return err('GracePeriodCannotExceed24Hours')
  }
  return ok({
    ...resource,
    ...withoutUndefined({
      maxFileTransferSize: size,
      timeToLiveSeconds,
      maxTimeToLiveSeconds,
      purgeAfterAllConfirmed: change.purgeFileTransferAfterAllRecipientsConfirmed,
      graceSeconds,
      useManifestFileShim: change.useManifestFileShim,
      externalServiceCodeLegacy: change.externalServiceCodeLegacy,
      externalServiceEditionCodeLegacy: change.externalServiceEditionCodeLegacy,
      requiredParty: change.requiredParty,
      reminders: change.reminders,
    }),
  })
}

/** The properties that are not undefined. */
const withoutUndefined = <Properties extends object>(properties: Properties) =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Properties]?: Exclude<Properties[Name], undefined>
  }

/** The largest file of a file transfer of this resource, in bytes. */
export const maxSizeBytes = ({ maxFileTransferSize = MAX_BYTES }: Resource, useVirusScan: boolean): number =>
  useVirusScan ? Math.min(maxFileTransferSize, MAX_SCANNED_BYTES) : maxFileTransferSize

/** The time to live of a file transfer of this resource, in seconds. */
export const timeToLiveSeconds = (resource: Resource): number =>
  resource.timeToLiveSeconds ?? DEFAULT_TIME_TO_LIVE_SECONDS

/** How long after its creation a sender can have a file transfer of this resource live, in seconds. */
export const longestTimeToLiveSeconds = (resource: Resource): number =>
  Math.max(timeToLiveSeconds(resource), resource.maxTimeToLiveSeconds ?? 0)

/** Seconds from the last confirmation to the purge; undefined when the file stays until it expires. */
export const purgeDelaySeconds = ({ purgeAfterAllConfirmed, graceSeconds }: Resource): number | undefined =>
  purgeAfterAllConfirmed ? (graceSeconds ?? DEFAULT_GRACE_SECONDS) : undefined

/** The required party without a prefix; undefined when none is required. A text that is no number matches no party. */
export const requiredPartyNumber = ({ requiredParty: text = '' }: Resource): string | undefined =>
  text.trim() === '' ? undefined : text.trim().split(':').at(-1)
