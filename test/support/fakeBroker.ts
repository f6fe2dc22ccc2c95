import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type {
  FileTransferDetails,
  FileTransferGroup,
  FileTransferStatus,
  InitializeFileTransferGroup,
  RecipientStatus,
} from '../../clients/typescript/src/index.js'
import { KARI, OWNER } from './journey.js'

// Broker for a recipient's client, and for a sender of groups, with answers that a real one does not give: any texts,
// files in pieces, refusals.

type Fake = {
  fileName: string
  bytes: Buffer
  status: FileTransferStatus
  isDownloaded?: boolean
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
  const groups = fakeGroups(transfers, confirmed)
  const server = createServer(async (request, response) => {
    if (request.url?.startsWith(GROUPS)) return groups.answer(request, response)
    const [, id = '', rest = ''] = /^\/broker\/api\/v1\/filetransfer\/?([^/?]*)([^?]*)/.exec(request.url ?? '') ?? []
    const fake = transfers.get(id)
    if (id === '') return void response.end(JSON.stringify([...transfers.keys()]))
    if (!fake || fake.refusesWith) return void response.writeHead(fake?.refusesWith ?? 404).end('{"detail":"no"}')
    if (rest === '') return void response.end(JSON.stringify(detailsOf(id, fake, confirmed.includes(id))))
    if (rest === '/upload') {
      const bytes = await buffer(request)
      groups.uploaded.push(fake.fileName)
      await groups.holds.get(fake.fileName)
      const refusal = groups.refusals.get(fake.fileName)
      if (refusal) return void response.writeHead(refusal).end('{"detail":"no"}')
      const isMalware = bytes.toString() === MALWARE
      Object.assign(fake, { bytes, status: isMalware ? 'Failed' : 'Published' })
      return void response.end('{}')
    }
    if (rest === '/confirmdownload') {
      confirmed.push(id)
      return void response.writeHead(204).end()
    }
    fake.isDownloaded = true
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
      transfers.set(id, { fileName, bytes: Buffer.from(content), status: 'Published', ...more })
      return id
    },
    groups,
    change: (id: string, more: Partial<Fake>) => Object.assign(transfers.get(id) ?? {}, more),
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

const GROUPS = '/broker/api/v1/filetransfergroup'
/** A file that fails. */
export const MALWARE = 'malware'

function fakeGroups(transfers: Map<string, Fake>, confirmed: string[]) {
  const ids = new Map<string, string[]>()
  const initialized: { key: string; request: InitializeFileTransferGroup; id: string }[] = []
  const confirmedGroups: string[] = []

  function add(fakes: Fake[]): string {
    const group = randomUUID()
    ids.set(
      group,
      fakes.map((fake) => {
        const id = randomUUID()
        transfers.set(id, fake)
        return id
      }),
    )
    return group
  }

  async function initialize(request: IncomingMessage) {
    const key = String(request.headers['idempotency-key'])
    const asked: InitializeFileTransferGroup = JSON.parse((await buffer(request)).toString())
    const id =
      initialized.find((each) => each.key === key)?.id ??
      add(asked.files.map(({ fileName }) => ({ fileName, bytes: Buffer.alloc(0), status: 'Initialized' })))
    initialized.push({ key, request: asked, id })
    return { fileTransferGroupId: id, fileTransferIds: ids.get(id) }
  }

  function overview(group: string, members: [string, Fake][]): FileTransferGroup {
    const summaries = members.map(([id, fake]) => {
      const { recipients, ...rest } = detailsOf(id, fake, confirmed.includes(id))
      const first = recipients.map(({ recipient }) => recipient)
      const counts = { total: 1, downloading: 0, confirmed: confirmed.includes(id) ? 1 : 0, first }
      return { ...rest, recipients: counts, recipientStatus: recipientStatusOf(fake, confirmed.includes(id)) }
    })
    return {
      fileTransferGroupId: group,
      resourceId: 'r',
      sendersFileTransferReference: 'my-1',
      sender: `0192:${OWNER}`,
      fileCount: members.length,
      fileTransfers: summaries,
    }
  }

  return {
    /** The initializations as they came. */
    initialized,
    confirmed: confirmedGroups,
    /** The names of the files that were uploaded, also those that were refused. */
    uploaded: [] as string[],
    /** What uploads wait for, by the name of the file. */
    holds: new Map<string, Promise<void>>(),
    /** The status of uploads that are refused, by the name of the file. */
    refusals: new Map<string, number>(),
    idsOf: (group: string) => ids.get(group) ?? [],
    /** A group with these files, by their texts; those without one are not uploaded. */
    add: (files: [name: string, text?: string, more?: Partial<Fake>][]) =>
      add(
        files.map(([fileName, text, more]) => ({
          fileName,
          bytes: Buffer.from(text ?? ''),
          status: text === undefined ? 'Initialized' : 'Published',
          ...more,
        })),
      ),
    async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.url === GROUPS) return void response.end(JSON.stringify(await initialize(request)))
      const [group = '', rest] = request.url?.slice(GROUPS.length + 1).split('/') ?? []
      const members = (ids.get(group) ?? []).flatMap((id): [string, Fake][] => {
        const fake = transfers.get(id)
        return fake ? [[id, fake]] : []
      })
      if (members.length === 0) return void response.writeHead(404).end('{"detail":"no"}')
      if (rest === 'confirmdownload') {
        const [missing] = members.find(([, { status, isDownloaded }]) => status !== 'Failed' && !isDownloaded) ?? []
        const problem = { code: 'BRO-00012', detail: 'not yet', fileTransferId: missing }
        if (missing) return void response.writeHead(400).end(JSON.stringify(problem))
        confirmedGroups.push(group)
        confirmed.push(...members.filter(([, { isDownloaded }]) => isDownloaded).map(([id]) => id))
      }
      response.end(JSON.stringify(overview(group, members)))
    },
  }
}

function recipientStatusOf({ isDownloaded }: Fake, isConfirmed: boolean): RecipientStatus {
  if (isConfirmed) return 'DownloadConfirmed'
  return isDownloaded ? 'DownloadStarted' : 'Initialized'
}

function detailsOf(id: string, { fileName, bytes, status }: Fake, isConfirmed: boolean): FileTransferDetails {
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
    fileTransferStatus: status,
    fileTransferStatusText: status === 'Failed' ? 'Malware' : 'Ready',
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
