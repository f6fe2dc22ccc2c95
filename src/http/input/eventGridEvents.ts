import { z } from 'zod'
import type { ScanEvent } from '../../usecases/ports/messages.js'
import { errorsBy } from './inputErrors.js'
import { ILL_FORMED, isWellFormed } from './wellFormed.js'

const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent'
const SCAN_RESULT = 'Microsoft.Security.MalwareScanningResult'
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
// https://learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan
const scanEvent = z
  .looseObject({
    eventType: z.string(),
    data: z.looseObject({
      blobUri: z.string().max(2048),
      eTag: z.string().max(256),
      scanResultType: z.string().max(256),
    }),
    id: z.string().min(1).max(MAX_MESSAGE_ID),
  })
  .refine(isWellFormed, ILL_FORMED)
  .refine((event) => JSON.stringify(event).length <= MAX_SCAN_EVENT, `It is longer than ${MAX_SCAN_EVENT} characters.`)

/**
 * What Event Grid sends to the webhook, one event or several: the scan events, the code of a subscription to be
 * confirmed, and the errors of the others. Events of other types are passed over.
 */
export function eventGridEvents(body: unknown) {
  const events = [body].flat()
  const scans: ScanEvent[] = []
  const invalid: [name: string, message: string][] = []
  let validationCode: string | undefined
  if (events.length > MAX_EVENTS) {
    return { scans, validationCode, errors: { $: [`There are at most ${MAX_EVENTS} events.`] } }
  }
  for (const [index, event] of events.entries()) {
    const parsedBy = <Value>(schema: z.ZodType<Value>): Value | undefined => {
      const { data, error } = schema.safeParse(event)
      for (const { path, message } of error?.issues ?? []) {
        invalid.push([`$[${index}]`, `${path.join('.')}: ${message}`.replace(/^: /, '')])
      }
      return data
    }
    const type = parsedBy(anyEvent)?.eventType
    if (type === VALIDATION) validationCode = parsedBy(validationEvent)?.data.validationCode ?? validationCode
    const scan = type === SCAN_RESULT ? parsedBy(scanEvent) : undefined
    if (scan) scans.push(scan)
  }
  return { scans, validationCode, errors: errorsBy(invalid) }
}
