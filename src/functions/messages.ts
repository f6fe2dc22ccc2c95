import { z } from 'zod'
import { EVENT_TYPES } from '../domain/altinnEvents.js'
import { DEADLINE_KINDS, type Verdict } from '../domain/fileTransfer.js'
import { isOrganizationNumber } from '../domain/organizationNumber.js'
import { scanDetails } from '../domain/scanDetails.js'
import type { StatisticsRow } from '../domain/statistics.js'
import type {
  Announcement,
  CheckUploadMessage,
  DueRow,
  EventDelivery,
  ScanEvent,
  ScanResult,
} from '../usecases/ports.js'

// The messages that Broker sends to itself, and the one that Defender for Storage sends, as they arrive.

const time = z.iso.datetime().transform((text) => new Date(text))
const organization = z.string().refine(isOrganizationNumber, 'not an organisation number')

const statisticsRow: z.ZodType<StatisticsRow> = z.object({
  month: z.string(),
  serviceOwner: organization,
  resourceId: z.string(),
  fileTransferId: z.guid(),
  recipient: organization,
  sender: organization,
  senderVendor: organization.exactOptional(),
  createdAt: time.exactOptional(),
  sizeBytes: z.int().exactOptional(),
  isPublished: z.literal(true).exactOptional(),
  isConfirmed: z.literal(true).exactOptional(),
  downloads: z.object({ first: z.int(), last: z.int() }).exactOptional(),
  recipientVendor: z.object({ organization, sequence: z.int() }).exactOptional(),
  isStatusMessage: z.literal(true).exactOptional(),
})

export const announcement: z.ZodType<Announcement> = z.object({
  fileTransferId: z.guid(),
  told: z.array(z.int()),
  counted: z.array(z.int()),
  statistics: z.array(statisticsRow).optional(),
})

export const checkUploadMessage: z.ZodType<CheckUploadMessage> = z.object({
  fileTransferId: z.guid(),
  attemptId: z.guid(),
  sequence: z.int(),
  read: z.object({ bytes: z.int(), md5State: z.string() }).optional(),
})

export const eventDelivery: z.ZodType<EventDelivery> = z.object({
  id: z.guid(),
  event: z.object({
    type: z.enum(EVENT_TYPES),
    actor: z.object({ organization, role: z.enum(['Sender', 'Recipient']) }),
    fileTransferId: z.guid(),
    resourceId: z.string(),
    sequence: z.int(),
    at: time,
  }),
  delivered: z.object({ tries: z.int(), triedAt: time, answer: z.union([z.int(), z.literal('NoAnswer')]) }).optional(),
})

const dueRow: z.ZodType<DueRow> = z.object({
  fileTransferId: z.guid(),
  kind: z.enum(DEADLINE_KINDS),
  sequence: z.int(),
  at: time,
  tries: z.int(),
  since: time,
})

/** What the queue of deadlines carries: a deadline, an upload to be finished, the search rows of a transfer with very many recipients, or a transfer to be removed. */
export const dueWork = z.discriminatedUnion('work', [
  z.object({ work: z.literal('meetDeadline'), row: dueRow }),
  z.object({ work: z.literal('finishUpload'), fileTransferId: z.guid(), attemptId: z.guid() }),
  z.object({ work: z.literal('projectSearch'), fileTransferId: z.guid(), sequence: z.int() }),
  z.object({ work: z.literal('removeFileTransfer'), fileTransferId: z.guid() }),
])

const SCAN_RESULT = 'Microsoft.Security.MalwareScanningResult'
/** The scanner's own words are logged up to this length. */
const MAX_RAW = 8192

// https://learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan: the event that Event Grid hands on.
const scanEvent = z.object({
  eventType: z.string(),
  data: z.looseObject({ blobUri: z.string(), eTag: z.string(), scanResultType: z.string() }),
})

/** The scan results in a message: one Event Grid event, or several. Events of other types are passed over. */
export function scanResults(message: unknown): ScanResult[] {
  return [message].flat().flatMap((event) => {
    const { eventType } = z.object({ eventType: z.string() }).parse(event)
    if (eventType !== SCAN_RESULT) return []
    const { data } = scanEvent.parse(event)
    const etag = data.eTag.replaceAll('"', '')
    const verdict = { result: resultOf(data.scanResultType), etag, detail: scanDetails(data) }
    return [{ blobUrl: data.blobUri, verdict, raw: JSON.stringify(data).slice(0, MAX_RAW) }]
  })
}

const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent'
/** Service Bus takes no longer ids. */
const MAX_MESSAGE_ID = 128

const anyEvent = z.object({ eventType: z.string() })
const validationEvent = z.object({ data: z.object({ validationCode: z.string() }) })
const scanEventWithId = scanEvent.loose().extend({ id: z.string().min(1).max(MAX_MESSAGE_ID) })

/**
 * What Event Grid sends to the webhook, one event or several: the scan events, the code of a subscription that wants to be confirmed, and
 * what is wrong with the others. Events of other types are passed over.
 */
export function eventGridEvents(body: unknown) {
  const scans: ScanEvent[] = []
  const errors: Record<string, string[]> = {}
  let validationCode: string | undefined
  for (const [index, event] of [body].flat().entries()) {
    const wrong = (error: z.ZodError) => {
      errors[`$[${index}]`] = error.issues.map(({ path, message }) =>
        `${path.join('.')}: ${message}`.replace(/^: /, ''),
      )
    }
    const { data: known, error } = anyEvent.safeParse(event)
    if (error) wrong(error)
    if (known?.eventType === VALIDATION) {
      const { data, error } = validationEvent.safeParse(event)
      if (error) wrong(error)
      else validationCode = data.data.validationCode
    }
    if (known?.eventType === SCAN_RESULT) {
      const { data, error } = scanEventWithId.safeParse(event)
      if (error) wrong(error)
      else scans.push(data)
    }
  }
  return { scans, validationCode, errors }
}

function resultOf(type: string): Verdict['result'] {
  const known: Record<string, Verdict['result']> = { 'no threats found': 'Clean', malicious: 'Malicious' }
  return known[type.toLowerCase()] ?? 'ScanFailed'
}
