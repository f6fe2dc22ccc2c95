import { setTimeout as pause } from 'node:timers/promises'
import { isOutage } from '../../domain/outage.js'
import type { RequestProgress } from '../../usecases/ports/tus.js'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** For how long a busy storage is retried, unless a setting says otherwise. */
export const BUSY_MS = 120_000

/** What this process knows of a storage account: for how long it is retried, and when it last took a block. */
export type StorageAccount = { busyMs: number; lastStagedAt: number }

/** A storage account that this process has not used yet. */
export const storageAccount = (busyMs: number): StorageAccount => ({ busyMs, lastStagedAt: 0 })

/**
 * Sends an idempotent request, and retries it with back-off on a transient failure. While bytes of the client's request
 * still arrive, the client only sees a slow upload. When all have arrived, a storage that has taken a block since they
 * began to arrive is busy, and is retried; one that has not is down, and the client gets the failure. Not p-retry: the
 * request is checked after the pause too, and the last pause is not cut short.
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
      if (!isOutage(error) || !isWorthRetrying(account, request) || performance.now() + pauseMs > end) throw error
      await pause((0.5 + Math.random() / 2) * pauseMs) // jitter
      if (!isWorthRetrying(account, request)) throw error
    }
  }
}

function isWorthRetrying({ lastStagedAt }: StorageAccount, { since, state }: RequestProgress): boolean {
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
