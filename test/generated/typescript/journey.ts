// A whole file transfer with the types that openapi-typescript generates: each step throws when it is not answered as
// the document says.
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'

const SENDER = '0192:991825827'
const RECIPIENT = '0192:986252932'
const RESOURCE = 'altinn-broker-test-resource-1'

const clientWith = (token = '') =>
  createClient<paths>({ baseUrl: process.env.BROKER_URL ?? '', headers: { authorization: `Bearer ${token}` } })
const sender = clientWith(process.env.SENDER_TOKEN)
const recipient = clientWith(process.env.RECIPIENT_TOKEN)
const file = randomBytes(3_000_000)

const created = good(
  await sender.POST('/broker/api/v1/filetransfer', {
    body: {
      fileName: 'søknad.pdf',
      resourceId: RESOURCE,
      sendersFileTransferReference: 'generated-typescript',
      sender: SENDER,
      recipients: [RECIPIENT],
      propertyList: { color: 'blue' },
    },
  }),
)
const ofTransfer = { params: { path: { fileTransferId: created.fileTransferId } } }
good(
  await sender.POST('/broker/api/v1/filetransfer/{fileTransferId}/upload', {
    ...ofTransfer,
    body: '', // binary is a text to the generator
    bodySerializer: () => file,
    headers: { 'content-type': 'application/octet-stream' },
  }),
)

let overview: components['schemas']['FileTransferOverview']
const deadline = Date.now() + 60_000
do {
  ok(Date.now() < deadline, 'it is published within a minute')
  await setTimeout(100)
  overview = good(await sender.GET('/broker/api/v1/filetransfer/{fileTransferId}', ofTransfer))
} while (overview.fileTransferStatus !== 'Published')
const published: string | null = overview.published
ok(published)
strictEqual(overview.fileTransferSize, file.length)

const query = { resourceId: RESOURCE, role: 'Recipient' } as const
const found = good(await recipient.GET('/broker/api/v1/filetransfer', { params: { query } }))
ok(found.includes(created.fileTransferId))
const download = await recipient.GET('/broker/api/v1/filetransfer/{fileTransferId}/download', {
  ...ofTransfer,
  parseAs: 'arrayBuffer',
})
deepStrictEqual(Buffer.from(good(download) as ArrayBuffer), file)
strictEqual(
  (await recipient.POST('/broker/api/v1/filetransfer/{fileTransferId}/confirmdownload', ofTransfer)).response.status,
  204,
)
const details = good(await sender.GET('/broker/api/v1/filetransfer/{fileTransferId}/details', ofTransfer))
strictEqual(details.fileTransferStatus, 'AllConfirmedDownloaded')
strictEqual(details.recipientFileTransferStatusHistory.at(-1)?.recipient, RECIPIENT)
const { events } = good(await sender.GET('/broker/api/v1/filetransfer/{fileTransferId}/events', ofTransfer))
ok(events.some(({ type }) => type === 'no.altinn.broker.published'))

const nowhere = { params: { path: { fileTransferId: crypto.randomUUID() } } }
const unknown = await sender.GET('/broker/api/v1/filetransfer/{fileTransferId}', nowhere)
strictEqual(unknown.error?.code, 'BRO-00001')
const wrong = { fileName: '', resourceId: '', sendersFileTransferReference: '', sender: '', recipients: [] }
const refused = await sender.POST('/broker/api/v1/filetransfer', { body: wrong })
ok(refused.error?.errors?.Recipients)
console.log(`done ${created.fileTransferId}`)

/** What a good answer holds. @throws when it is none. */
function good<Data>({ data, error, response }: { data?: Data; error?: unknown; response: Response }): Data {
  if (data === undefined) throw new Error(`${response.status} ${JSON.stringify(error)}`)
  return data
}
