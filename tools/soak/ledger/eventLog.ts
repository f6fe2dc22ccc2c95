import { type FileHandle, open } from 'node:fs/promises'
import type { ReceivedEvent } from './ledger.js'

type Line = {
  receivedAt: string
  event: { id: string; type: string; time: string; subject: string; resourceinstance?: string; data: { Role: string } }
}

/** A line of the file as an event, and the transfer that it is about. */
export function eventOf(line: string): { transfer: string; event: ReceivedEvent } {
  const { receivedAt, event } = JSON.parse(line) as Line
  const organization = event.subject.replace('urn:altinn:organization:identifier-no:', '')
  const name = `${event.type.replace('no.altinn.broker.', '')} > ${organization} as ${event.data.Role}`
  return {
    transfer: event.resourceinstance ?? '',
    event: { id: event.id, name, at: Date.parse(event.time), receivedAt: Date.parse(receivedAt) },
  }
}

/** Reads the events that were appended since the last call, a piece at a time. */
export function eventLog(file: string, take: (transfer: string, event: ReceivedEvent) => void) {
  const piece = Buffer.alloc(2 ** 20)
  let handle: FileHandle | undefined
  let position = 0
  let rest = Buffer.alloc(0)
  return {
    async read(): Promise<void> {
      handle ??= await open(file).catch(() => undefined)
      for (;;) {
        const { bytesRead = 0 } = (await handle?.read(piece, 0, piece.length, position)) ?? {}
        if (bytesRead === 0) return
        position += bytesRead
        const text = Buffer.concat([rest, piece.subarray(0, bytesRead)])
        const end = text.lastIndexOf('\n') + 1
        rest = Buffer.from(text.subarray(end))
        for (const line of text.subarray(0, end).toString().split('\n')) {
          if (line === '') continue
          const { transfer, event } = eventOf(line)
          take(transfer, event)
        }
      }
    },
    close: async () => handle?.close(),
  }
}
