import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { BlobServiceClient } from '@azure/storage-blob'

// What cannot be beaten by much: a bare server that pipes a body into the SDK's own `uploadStream`, and back. In a
// process of its own, like the app; argument: the connection string of the account. It sends its port in a message.

const [, , connectionString = ''] = process.argv
const MIB = 2 ** 20
const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('bare')
await container.createIfNotExists()

const server = createServer(async (incoming, answer) => {
  const blob = container.getBlockBlobClient(incoming.url?.slice(1) ?? '')
  if (incoming.method === 'POST') {
    await blob.uploadStream(incoming, 8 * MIB, 4)
    answer.end()
    return
  }
  const { readableStreamBody, contentLength } = await blob.download()
  answer.writeHead(200, { 'content-length': contentLength })
  if (readableStreamBody) Readable.from(readableStreamBody).pipe(answer)
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
