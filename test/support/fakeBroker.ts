import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FileTransferDetails } from '../../clients/typescript/src/index.js'
import { KARI, OWNER } from './journey.js'

// Broker for a recipient's client, with answers that a real one does not give: any texts, files in pieces, refusals.

type Fake = {
  fileName: string
  bytes: Buffer
  /** Called before each piece of a download. */
  onPiece?: (sent: number) => Promise<void> | void
  refusesWith?: number
}

export type FakeBroker = Awaited<ReturnType<typeof startFakeBroker>>

const PIECE_BYTES = 64 * 1024

/** A token of this organisation, for a server that does not verify it. */
export const tokenOf = (organization: string): string =>
  ['{}', JSON.stringify({ consumer: { ID: `0192:${organization}` } }), '']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')

export async function startFakeBroker() {
  const transfers = new Map<string, Fake>()
  const confirmed: string[] = []
  const server = createServer(async (request, response) => {
    const [, id = '', rest = ''] = /^\/broker\/api\/v1\/filetransfer\/?([^/?]*)([^?]*)/.exec(request.url ?? '') ?? []
    const fake = transfers.get(id)
    if (id === '') return void response.end(JSON.stringify([...transfers.keys()]))
    if (!fake || fake.refusesWith) return void response.writeHead(fake?.refusesWith ?? 404).end('{"detail":"no"}')
    if (rest === '') return void response.end(JSON.stringify(detailsOf(id, fake, confirmed.includes(id))))
    if (rest === '/confirmdownload') {
      confirmed.push(id)
      return void response.writeHead(204).end()
    }
    const [, from = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
    response.writeHead(request.headers.range ? 206 : 200)
    for (let at = Number(from); at < fake.bytes.length; at += PIECE_BYTES) {
      await fake.onPiece?.(at)
      response.write(fake.bytes.subarray(at, at + PIECE_BYTES))
    }
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    confirmed,
    /** A transfer that waits for its recipient. */
    add(fileName: string, content: string | Buffer, more: Partial<Fake> = {}): string {
      const id = randomUUID()
      transfers.set(id, { fileName, bytes: Buffer.from(content), ...more })
      return id
    },
    change: (id: string, more: Partial<Fake>) => Object.assign(transfers.get(id) ?? {}, more),
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

function detailsOf(id: string, { fileName, bytes }: Fake, isConfirmed: boolean): FileTransferDetails {
  const at = '2026-01-02T03:04:05.000Z'
  return {
    fileTransferId: id,
    resourceId: 'r',
    fileName,
    sendersFileTransferReference: 'my-1',
    propertyList: {},
    checksum: createHash('md5').update(bytes).digest('hex'),
    useVirusScan: false,
    fileTransferSize: bytes.length,
    fileTransferStatus: 'Published',
    fileTransferStatusText: 'Ready',
    fileTransferStatusChanged: at,
    created: at,
    expirationTime: at,
    published: at,
    sender: `0192:${OWNER}`,
    fileTransferStatusHistory: [],
    recipientFileTransferStatusHistory: [],
    recipients: [
      {
        recipient: `0192:${KARI}`,
        currentRecipientFileTransferStatusCode: isConfirmed ? 'DownloadConfirmed' : 'Initialized',
        currentRecipientFileTransferStatusText: '',
        currentRecipientFileTransferStatusChanged: at,
      },
    ],
  }
}
