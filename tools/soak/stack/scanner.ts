import { setTimeout as pause } from 'node:timers/promises'
import type { CommittedBlob } from '../../../local/azurite/committedBlobs.js'
import type { Random } from '../../transfers/random.js'
import type { Entry } from '../ledger/ledger.js'
import type { Times } from '../options.js'

/** How long a blob is remembered, so that a scan that Altinn's restart cut off begins again. */
const REMEMBERED_MS = 60_000
const RETRY_MS = 500
/** When a blob is looked at again whose client did not wait for the answer. */
const CUT_OFF_MS = [3000, 10_000]

type Deps = {
  entryOf(id: string): Entry | undefined
  /** False when the scanner is down. */
  scanNow(blob: CommittedBlob): boolean
  random: Random
  times: Times
  stop: AbortSignal
}

/**
 * Hands committed blobs to the scanner: at once, late, or never, as the plan of their transfer says; and once more when
 * the scanner has been down, since the real one loses nothing.
 */
export function scanner({ entryOf, scanNow, random, times, stop }: Deps) {
  const recent = new Map<CommittedBlob, number>()

  async function scan(blob: CommittedBlob): Promise<void> {
    recent.set(blob, Date.now())
    for (const [each, at] of recent) if (at < Date.now() - REMEMBERED_MS) recent.delete(each)
    while (!scanNow(blob) && !stop.aborted) await pause(RETRY_MS)
  }

  return {
    async committed(blob: CommittedBlob): Promise<void> {
      const how = entryOf(blob.name.split('/')[0] ?? '')?.plan.scan
      if (how === 'silent') return
      // Half of what is allowed, at most.
      if (how === 'late') await pause(500 * times.scanOverdue * random.unit())
      await scan(blob)
      // Its client has asked again, and was told that it is there: nothing more will be said of it.
      for (const ms of blob.wasCutOff ? CUT_OFF_MS : []) {
        await pause(ms)
        await scan(blob)
      }
    },
    /** The scanner is back. */
    async restarted(): Promise<void> {
      await Promise.all([...recent.keys()].map(scan))
    },
  }
}
