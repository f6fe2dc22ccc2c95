import { readFile, writeFile } from 'node:fs/promises'
import type { BrokerClient } from '@altinn/broker-client'

// Follows an inbox without a webhook, and goes on where it was after a restart.

const CURSOR = 'cursor.txt'
const loadCursor = () => readFile(CURSOR, 'utf8').catch(() => undefined)
const storeCursor = (cursor: string) => writeFile(CURSOR, cursor)

export async function followInbox(
  broker: BrokerClient,
  receiveFile: (fileTransferId: string) => Promise<void>,
  stop: AbortController,
) {
  for await (const change of broker.changes({ after: await loadCursor(), signal: stop.signal })) {
    if (change.type === 'no.altinn.broker.published') await receiveFile(change.fileTransferId)
    if (change.cursor) await storeCursor(change.cursor)
  }
}
