import { plainText } from '../plainText.js'

const MAX_NAMES = 5
const MAX_NAME_LENGTH = 100
/** What looks like a location or a version of a file: an address, an ETag, a UUID, a hash. */
const LOCATION = /:\/\/|\\\\|windows\.net|0x[\da-f]{8,}|[\da-f]{8}-[\da-f]{4}-[\da-f]{4}|[\da-f]{16,}/i
// https://learn.microsoft.com/azure/defender-for-cloud/advanced-configurations-for-malware-scanning
/** Defender's code for a file that it could not scan. */
const REASON_CODE = /\bSAM\d{3,9}\b/

/** The public part of the scanner's `data`: names of malware, error code, time. Empty when it has none of them. */
export function scanDetails(data: unknown): string {
  const { scanFinishedTimeUtc, scanResultDetails } = propertiesOf(data)
  const { malwareNamesFound, notScannedReason } = propertiesOf(scanResultDetails)
  const names = namesIn(malwareNamesFound)
  const code = REASON_CODE.exec(String(notScannedReason))?.[0]
  const scannedAt = timeIn(scanFinishedTimeUtc)
  return [
    ...(names === '' ? [] : [`malware ${names}`]),
    ...(code === undefined ? [] : [`error ${code}`]),
    ...(scannedAt === undefined ? [] : [`scanned ${scannedAt}`]),
  ].join(', ')
}

const DETAILS = '. Extra details: '

/** The reason of a failed scan, in the original's form (spec 4.5). */
export const withDetails = (reason: string, details: string): string =>
  details === '' ? reason : `${reason}${DETAILS}${details}`

/** The reason of a failure without its details. */
export const withoutDetails = (reason: string): string => reason.split(DETAILS, 1)[0] ?? reason

/**
 * The reason of a failure without internal details. Earlier versions stored what the scanner had sent, as JSON that may
 * be cut off at its end.
 */
export function publicReason(reason: string): string {
  const brief = withoutDetails(reason)
  const details = reason.slice(brief.length + DETAILS.length)
  const isRaw = details.trimStart().startsWith('{') || LOCATION.test(details)
  return isRaw ? withDetails(brief, scanDetails(parsed(details))) : reason
}

function namesIn(found: unknown): string {
  const all = Array.isArray(found) ? found : []
  const names = all
    .slice(0, MAX_NAMES)
    .map((name) => (typeof name === 'string' ? plainText(name, name.length).trim() : ''))
    .filter((name) => name !== '' && !LOCATION.test(name))
    .map((name) => plainText(name, MAX_NAME_LENGTH))
  const more = all.length - MAX_NAMES
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

function timeIn(found: unknown): string | undefined {
  const at = typeof found === 'string' ? new Date(found) : undefined
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined
}

const propertiesOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
