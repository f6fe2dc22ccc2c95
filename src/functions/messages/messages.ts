import { z } from 'zod'
import { scanDetails } from '../../domain/fileTransfer/scanDetails.js'
import { DEADLINE_KINDS, type Verdict } from '../../domain/fileTransfer/state.js'
import { isOrganizationNumber } from '../../domain/organizationNumber.js'
import { EVENT_TYPES } from '../../domain/projections/altinnEvents.js'
import type { StatisticsRow } from '../../domain/projections/statistics.js'
import { errorsBy } from '../../http/input/inputErrors.js'
import { ILL_FORMED, isWellFormed } from '../../http/input/wellFormed.js'
import type { EventDelivery } from '../../usecases/ports/events.js'
import type { ChangeNotification, CheckUploadMessage, ScanEvent, ScanResult } from '../../usecases/ports/messages.js'
import type { DueRow } from '../../usecases/ports/outbox.js'

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

export const changeNotification: z.ZodType<ChangeNotification> = z.object({
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
  again: z.int().optional(),
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
  delivered: z
    .object({ tries: z.int(), triedAt: time, answer: z.union([z.int(), z.enum(['NoAnswer', 'UnknownParty'])]) })
    .optional(),
  refusals: z.int().optional(),
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
export const deferredWork = z.discriminatedUnion('work', [
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
  data: z.looseObject({
    blobUri: z.string().max(2048),
    eTag: z.string().max(256),
    scanResultType: z.string().max(256),
  }),
})

/** The scan results in a message: one Event Grid event, or several. Events of other types are passed over. */
export function scanResults(message: unknown): ScanResult[] {
  return [message].flat().flatMap((event) => {
    const { eventType } = z.object({ eventType: z.string() }).parse(event)
    if (eventType !== SCAN_RESULT) return []
    const { data } = scanEvent.parse(event)
    const etag = data.eTag.replaceAll('"', '')
    const verdict = { result: resultOf(data.scanResultType), etag, detail: scanDetails(data) }
    return [{ blobUrl: data.blobUri, verdict, raw: JSON.stringify(data).slice(0, MAX_RAW).toWellFormed() }]
  })
}

const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent'
/** Service Bus takes no longer ids. */
const MAX_MESSAGE_ID = 128

// https://learn.microsoft.com/azure/event-grid/delivery-and-retry#output-batching
/** The most events that come at a time. */
const MAX_EVENTS = 5000
/** A scan event has some two thousand characters, and a message on the queue room for 256 KiB. */
const MAX_SCAN_EVENT = 64 * 1024

const anyEvent = z.object({ eventType: z.string() })
const validationEvent = z.object({
  data: z.object({ validationCode: z.string().max(1024).refine(isWellFormed, ILL_FORMED) }),
})
const scanEventWithId = scanEvent
  .loose()
  .extend({ id: z.string().min(1).max(MAX_MESSAGE_ID) })
  .refine(isWellFormed, ILL_FORMED)
  .refine((event) => JSON.stringify(event).length <= MAX_SCAN_EVENT, `It is longer than ${MAX_SCAN_EVENT} characters.`)

/**
 * What Event Grid sends to the webhook, one event or several: the scan events, the code of a subscription that wants to be confirmed, and
 * what is wrong with the others. Events of other types are passed over.
 */
export function eventGridEvents(body: unknown) {
  const events = [body].flat()
  const scans: ScanEvent[] = []
  const wrong: [name: string, message: string][] = []
  let validationCode: string | undefined
  if (events.length > MAX_EVENTS)
    return { scans, validationCode, errors: { $: [`There are at most ${MAX_EVENTS} events.`] } }
  for (const [index, event] of events.entries()) {
    const parsedBy = <Value>(schema: z.ZodType<Value>): Value | undefined => {
      const { data, error } = schema.safeParse(event)
      for (const { path, message } of error?.issues ?? []) {
        wrong.push([`$[${index}]`, `${path.join('.')}: ${message}`.replace(/^: /, '')])
      }
      return data
    }
    const type = parsedBy(anyEvent)?.eventType
    if (type === VALIDATION) validationCode = parsedBy(validationEvent)?.data.validationCode ?? validationCode
    const scan = type === SCAN_RESULT ? parsedBy(scanEventWithId) : undefined
    if (scan) scans.push(scan)
  }
  return { scans, validationCode, errors: errorsBy(wrong) }
}

function resultOf(type: string): Verdict['result'] {
  const known: Record<string, Verdict['result']> = { 'no threats found': 'Clean', malicious: 'Malicious' }
  return known[type.toLowerCase()] ?? 'ScanFailed'
}
