import { createHash, randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

/** A blob that was opened for reading; `eTag` without quotes. */
export type OpenBlob = { url: string; account: string; eTag: string; content: Readable }

/** Where Defender reads blobs, and sends its verdicts. */
export type Deps = {
  /** Undefined when there is no such blob. */
  open(container: string, name: string): Promise<OpenBlob | undefined>
  send(event: ScanResultEvent): Promise<void>
  log(line: string): void
}

/** Defender's verdict in Event Grid's schema. */
export type ScanResultEvent = {
  id: string
  topic: string
  subject: string
  eventType: 'Microsoft.Security.MalwareScanningResult'
  eventTime: string
  dataVersion: '1.0'
  metadataVersion: '1'
  data: {
    correlationId: string
    blobUri: string
    eTag: string
    scanFinishedTimeUtc: string
    scanResultType: 'No threats found' | 'Malicious'
    scanResultDetails: { malwareNamesFound: string[]; sha256: string; notScannedReason: null } | null
  }
}

const MAX_CONCURRENT = 4
const TRIES = 10
const LONGEST_PAUSE_MS = 5000

// In pieces, so that no scanner takes this file for the test virus.
export const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD', '-ANTIVIRUS-', 'TEST-FILE!', '$H+H*'].join(''),
)

/**
 * Defender for Storage: scans each committed blob for the EICAR test string, a few at a time, and sends the verdict.
 */
export function defender(deps: Deps) {
  const waiting: { container: string; name: string }[] = []
  const stopped = new AbortController()
  const running = new Set<Promise<void>>()

  const startNext = () => {
    while (running.size < MAX_CONCURRENT && !stopped.signal.aborted) {
      const next = waiting.shift()
      if (!next) return
      const work = scanUntilSent(deps, next.container, next.name, stopped.signal).finally(() => {
        running.delete(work)
        startNext()
      })
      running.add(work)
    }
  }

  return {
    blobCommitted(container: string, name: string): void {
      waiting.push({ container, name })
      startNext()
    },
    /** Ends after the scans under way; what waits is dropped. */
    async stop(): Promise<void> {
      stopped.abort()
      await Promise.all(running)
    },
  }
}

async function scanUntilSent({ open, send, log }: Deps, container: string, name: string, stopped: AbortSignal) {
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const blob = await open(container, name)
      if (blob) await send(verdict(blob, container, name, await scan(blob.content)))
      return
    } catch (error) {
      log(`scan of ${container}/${name}, try ${tries} of ${TRIES}: ${String(error)}`)
    }
    const waited = await pause(Math.min(100 * 2 ** tries, LONGEST_PAUSE_MS), true, { signal: stopped }).catch(
      () => false,
    )
    if (!waited) return
  }
  log(`scan of ${container}/${name} is given up`)
}

/** Reads the stream to its end, keeping as much of what passed as the test string could lie across. */
async function scan(content: Readable): Promise<{ infected: boolean; sha256: string }> {
  const hash = createHash('sha256')
  let tail: Buffer = Buffer.alloc(0)
  let infected = false
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk)
    if (infected) continue
    const overBorder = Buffer.concat([tail, chunk.subarray(0, EICAR.length - 1)])
    infected = overBorder.includes(EICAR) || chunk.includes(EICAR)
    const end = chunk.length >= EICAR.length ? chunk : Buffer.concat([tail, chunk])
    tail = Buffer.from(end.subarray(Math.max(0, end.length - EICAR.length + 1)))
  }
  return { infected, sha256: hash.digest('hex').toUpperCase() }
}

function verdict(blob: OpenBlob, container: string, name: string, found: { infected: boolean; sha256: string }) {
  const now = new Date().toISOString()
  const id = randomUUID()
  const event: ScanResultEvent = {
    id,
    topic:
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.EventGrid/topics/malware-scan-results',
    subject: `storageAccounts/${blob.account}/containers/${container}/blobs/${name}`,
    eventType: 'Microsoft.Security.MalwareScanningResult',
    eventTime: now,
    dataVersion: '1.0',
    metadataVersion: '1',
    data: {
      correlationId: id,
      blobUri: blob.url,
      eTag: blob.eTag,
      scanFinishedTimeUtc: now,
      scanResultType: found.infected ? 'Malicious' : 'No threats found',
      scanResultDetails: found.infected
        ? { malwareNamesFound: ['DOS/EICAR_Test_File'], sha256: found.sha256, notScannedReason: null }
        : null,
    },
  }
  return event
}
