import { z } from 'zod'
import { scanDetails } from '../../domain/fileTransfer/scanDetails.js'
import type { Verdict } from '../../domain/fileTransfer/state.js'
import { sha256 } from '../../lib/sha256.js'
import type { Messages, ScanEvent, ScanResult } from '../../usecases/ports/messages.js'
import { jsonMessage, type Send } from './send.js'

const SCAN_RESULT = 'Microsoft.Security.MalwareScanningResult'
/** The scanner's own words are logged up to this length. */
const MAX_RAW = 8192

const anyEvent = z.object({ eventType: z.string() })
// https://learn.microsoft.com/azure/defender-for-cloud/defender-for-storage-configure-malware-scan
const scanEvent = z.object({
  data: z.looseObject({
    blobUri: z.string().max(2048),
    eTag: z.string().max(256),
    scanResultType: z.string().max(256),
  }),
})

/** The scan results in a message: one Event Grid event, or several. Events of other types are passed over. */
export function scanResults(message: unknown): ScanResult[] {
  return [message].flat().flatMap((event) => {
    if (anyEvent.parse(event).eventType !== SCAN_RESULT) return []
    const { data } = scanEvent.parse(event)
    const etag = data.eTag.replaceAll('"', '')
    const verdict = { result: resultOf(data.scanResultType), etag, detail: scanDetails(data) }
    return [{ blobUrl: data.blobUri, verdict, raw: JSON.stringify(data).slice(0, MAX_RAW).toWellFormed() }]
  })
}

function resultOf(type: string): Verdict['result'] {
  const results: Record<string, Verdict['result']> = { 'no threats found': 'Clean', malicious: 'Malicious' }
  return results[type.toLowerCase()] ?? 'ScanFailed'
}

/** By the whole event: its own id is chosen by others. */
export const scanId = (event: ScanEvent): string => `scan-${sha256(JSON.stringify(event))}`

/** Enqueues the events as they came, each once. */
export const enqueueScanResults =
  (send: Send): Messages['enqueueScanResults'] =>
  (events) =>
    send(
      'malwareScanResults',
      events.map((event) => jsonMessage(scanId(event), event)),
    )
