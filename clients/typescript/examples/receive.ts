import { mkdir, readFile } from 'node:fs/promises'
import { ALTINN, brokerClient } from '@altinn/broker-client'
import { altinnTokenFor, MASKINPORTEN } from '@altinn/broker-client/maskinporten'
import { fileNameFor, fileSink } from '@altinn/broker-client/node'

// Empties the inbox of an organisation whose system user this system is.

const token = altinnTokenFor(
  {
    metadataUrl: MASKINPORTEN.test,
    clientId: '0f1c0f9e-0000-4000-8000-000000000000',
    jwk: JSON.parse(await readFile('maskinporten.jwk.json', 'utf8')),
    scope: 'altinn:broker.read',
    systemUser: { organization: '986252932' },
  },
  ALTINN.test,
)
const broker = brokerClient({ baseUrl: ALTINN.test, token })

const waiting = {
  resourceId: 'my-resource',
  role: 'Recipient',
  status: 'Published',
  recipientStatus: 'Initialized',
} as const
await mkdir('inbox', { recursive: true })
for await (const id of broker.searchFileTransfers(waiting)) {
  const { fileName } = await broker.getFileTransfer(id)
  const sink = fileSink(`inbox/${fileNameFor(fileName, id)}`)
  const { sizeBytes, md5 } = await broker.receive(id, sink, { confirm: true })
  console.log(`${sink.path()}: ${sizeBytes} bytes, MD5 ${md5}`)
}
