import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { sendByLink } from '../../clients/typescript/src/cli/sending/byLink.js'
import { type BrokerClient, memoryResumeStore } from '../../clients/typescript/src/index.js'

const sending = {
  fileName: 'a.txt',
  resourceId: 'r',
  sendersFileTransferReference: '1',
  sender: '0192:991825827',
  recipients: ['0192:986252932'],
}
const bytes = new TextEncoder().encode('a file')
const source = { sizeBytes: bytes.length, identity: 'a', read: async () => bytes }

/** Broker with a storage at this server. */
function brokerWith(storage: Server): BrokerClient {
  const { port } = storage.address() as AddressInfo
  let status = 'Initialized'
  const broker = {
    initializeFileTransfer: async () => 'id',
    getFileTransfer: async () => ({ fileTransferId: 'id', fileTransferStatus: status, recipients: [] }),
    createUploadLink: async () => ({ url: `http://127.0.0.1:${port}/a?sig=s`, headers: {} }),
    completeLinkedUpload: async () => {
      status = 'Published'
    },
  }
  return broker as unknown as BrokerClient
}

test('what the storage may do at another try is tried again: an answer that broke off, an error there', async () => {
  let answers = 0
  const storage = createServer((request, response) => {
    answers += 1
    request.resume()
    if (answers > 2) return void response.writeHead(201).end()
    if (answers > 1) return void response.writeHead(500).end('<Code>OperationTimedOut</Code>')
    response.writeHead(503, { 'content-length': 100 }).write('<Code>')
    request.once('end', () => response.destroy())
  })
  await once(storage.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void storage.close())
  const options = {
    signal: new AbortController().signal,
    tries: 3,
    resume: memoryResumeStore(),
    until: 'published' as const,
    onProgress: () => {},
  }

  const sent = await sendByLink(brokerWith(storage), source, sending, options)

  expect([sent.status, answers]).toEqual(['Published', 4])
})
