import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Decrypter } from 'age-encryption'
import { beforeEach, expect, test } from 'vitest'
import type { Operations } from '../../clients/typescript/src/calls/operations.js'
import {
  BrokerProblem,
  type EncryptionKey,
  KeysRefused,
  NotAllSent,
  newPrivateKey,
  publicKeyOf,
  type SendOptions,
  type Source,
} from '../../clients/typescript/src/index.js'
import { folderCiphertextStore, folderResumeStore } from '../../clients/typescript/src/node.js'
import { encryptIfAsked } from '../../clients/typescript/src/upload/encryptIfAsked.js'
import { sourceOf } from '../../clients/typescript/src/upload/source.js'
import { KARI, OLA, RESOURCE } from '../support/journey.js'

const privateKey = await newPrivateKey()
const publicKey = await publicKeyOf(privateKey)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encrypt-'))
  return () => rm(folder, { recursive: true })
})

/** Sends by `send`, with a Broker that gives these keys. */
function sendBy<Sent>(
  send: (files: Source[]) => Promise<Sent>,
  files: File[],
  { canResume = true, keys = [{ organization: `0192:${KARI}`, publicKey, published: '' }] as EncryptionKey[] } = {},
) {
  const options: SendOptions = {
    encrypt: { store: folderCiphertextStore(folder) },
    resume: canResume ? folderResumeStore(folder) : undefined,
  }
  const operations = { getEncryptionKeys: async () => keys } as unknown as Operations
  const sending = { resourceId: RESOURCE, recipients: [KARI] }
  return encryptIfAsked(operations, files, sending, options, (files) => send(files.map(sourceOf)))
}

const fileOf = (text: string) => new File([text], 'a.txt', { lastModified: 1_700_000_000_000 })
const bytesOf = async ({ read, sizeBytes }: Source) => (await read(0, sizeBytes)) as Uint8Array
async function opened(file: Source): Promise<string> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(privateKey)
  return decrypter.decrypt(await bytesOf(file), 'text')
}

test.each([true, false])('files that look the same are sent each by itself (resume: %s)', async (canResume) => {
  const sent = await sendBy((files) => Promise.all(files.map(opened)), [fileOf('one'), fileOf('two')], { canResume })

  expect(sent).toEqual(['one', 'two'])
})

test('a group keeps its ciphertext when Broker refuses one of its files', async () => {
  const refused = async () => {
    const failure = { fileTransferId: '', fileName: 'a.txt.age', error: new BrokerProblem(400, {}) }
    throw new NotAllSent({ fileTransferGroupId: '', files: [] }, [failure], 0)
  }

  await expect(sendBy(refused, [fileOf('one')])).rejects.toThrow(NotAllSent)

  expect(await readdir(folder)).toHaveLength(1)
})

test.each<[what: string, keys: EncryptionKey[]]>([
  ['none', []],
  ['that of another', [{ organization: `0192:${OLA}`, publicKey, published: '' }]],
])('nothing is encrypted when Broker gives no key of a recipient, but %s', async (_, keys) => {
  const refused = await sendBy(async () => 'sent', [fileOf('one')], { keys }).catch((error: unknown) => error)

  expect(refused).toBeInstanceOf(KeysRefused)
  expect(refused).toMatchObject({ organizations: [`0192:${KARI}`] })
})
