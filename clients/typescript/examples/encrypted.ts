import { readFile } from 'node:fs/promises'
import {
  type BrokerClient,
  decryptedName,
  decryptingSink,
  privateKeysIn,
  publicKeyOf,
  type Sending,
} from '@altinn/broker-client'
import { fileNameFor, fileSink, fileSource, folderCiphertextStore, folderResumeStore } from '@altinn/broker-client/node'

// Files that nobody reads on the way, Broker neither. `altinn-broker key --identity broker-keys.txt --new` makes a key.

/** The recipient publishes its key, once. */
export async function publishKey(broker: BrokerClient, resourceId: string) {
  const privateKeys = privateKeysIn(await readFile('broker-keys.txt', 'utf8'))
  await broker.publishEncryptionKey(resourceId, await publicKeyOf(privateKeys.at(-1) ?? ''))
}

/** After a crash the same call resumes. */
export async function sendEncrypted(broker: BrokerClient, sending: Sending) {
  const sent = await broker.send(await fileSource('accounts-2026.zip'), sending, {
    encrypt: { store: folderCiphertextStore('.sending') },
    resume: folderResumeStore('.sending'),
  })
  console.log(`${sent.fileName} is ${sent.status}`)
}

/** After a crash the same call resumes. Files that are not encrypted arrive, too. */
export async function receiveDecrypted(broker: BrokerClient, id: string) {
  const privateKeys = privateKeysIn(await readFile('broker-keys.txt', 'utf8'))
  const { fileName } = await broker.getFileTransfer(id)
  const path = `inbox/${fileNameFor(decryptedName(fileName), id)}`
  const sink = decryptingSink(fileSink(path), { privateKeys, ciphertext: fileSink(`${path}.age`) })
  await broker.receive(id, sink, { confirm: true })
}
