import { readFile } from 'node:fs/promises'
import { ALTINN, brokerClient } from '@altinn/broker-client'
import { altinnTokenFor, MASKINPORTEN } from '@altinn/broker-client/maskinporten'
import { fileSource, folderResumeStore } from '@altinn/broker-client/node'

// Sends a file as a client of Maskinporten. Started again after a crash, it goes on where it was.

const token = altinnTokenFor(
  {
    metadataUrl: MASKINPORTEN.test,
    clientId: '0f1c0f9e-0000-4000-8000-000000000000',
    jwk: JSON.parse(await readFile('maskinporten.jwk.json', 'utf8')),
    scope: 'altinn:broker.write altinn:broker.read',
  },
  ALTINN.test,
)
const broker = brokerClient({ baseUrl: ALTINN.test, token })

const sent = await broker.send(
  await fileSource('accounts-2026.zip'),
  {
    resourceId: 'my-resource',
    sendersFileTransferReference: 'accounts-2026',
    sender: '991825827',
    recipients: ['986252932'],
  },
  {
    resume: folderResumeStore('.sending'),
    onProgress: ({ sentBytes, totalBytes }) => console.log(`${sentBytes} of ${totalBytes}`),
  },
)
console.log(`${sent.fileTransferId} is ${sent.status}, MD5 ${sent.md5}`)

// Who has downloaded and confirmed, as it happens.
for await (const now of broker.watch(sent.fileTransferId)) {
  const standing = now.recipients.map((each) => `${each.recipient} ${each.currentRecipientFileTransferStatusCode}`)
  console.log([now.fileTransferStatus, ...standing].join(', '))
}
