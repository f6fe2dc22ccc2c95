import { setTimeout as pause } from 'node:timers/promises'
import { isOutage } from '../../domain/outage.js'
import type { RequestProgress } from '../../usecases/ports/tus.js'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** For how long a storage that is busy is tried again, unless something else is said. */
export const BUSY_MS = 120_000

/** What this process knows of a storage account: for how long it is tried again, and when it last took a block. */
export type StorageAccount = { busyMs: number; lastStagedAt: number }

export const storageAccount = (busyMs: number): StorageAccount => ({ busyMs, lastStagedAt: 0 })

/**
 * Sends what may be sent twice, and again with back-off when it fails in a way that may pass. While bytes of the request still come, it is slow
 * rather than refused. When they are all here: a storage that has taken a block since they began to come is busy, and is tried again; one that has
 * not is down, and the client is told.
 * @throws the last failure.
 */
export async function retryWhileBusy<Answer>(
  account: StorageAccount,
  request: RequestProgress,
  send: () => Promise<Answer>,
): Promise<Answer> {
  const end = performance.now() + account.busyMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await send()
    } catch (error) {
      if (!isOutage(error) || !isWaitedFor(account, request) || performance.now() + pauseMs > end) throw error
      await pause((0.5 + Math.random() / 2) * pauseMs) // those who failed together do not come back together
      if (!isWaitedFor(account, request)) throw error
    }
  }
}

function isWaitedFor({ lastStagedAt }: StorageAccount, { since, state }: RequestProgress): boolean {
  switch (state()) {
    case 'receiving':
      return true
    case 'received':
      return lastStagedAt >= since.getTime()
    case 'abandoned':
      return false
  }
}

/** Stores a block; see `retryWhileBusy`. */
export async function stageWhileBusy(account: StorageAccount, request: RequestProgress, stage: () => Promise<unknown>) {
  await retryWhileBusy(account, request, stage)
  account.lastStagedAt = Date.now()
}
