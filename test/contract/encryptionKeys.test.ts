import { describe, expect, test } from 'vitest'
import { tableEncryptionKeys } from '../../src/adapters/encryption/tableEncryptionKeys.js'
import type { EncryptionKey } from '../../src/domain/encryptionKey.js'
import type { EncryptionKeys } from '../../src/usecases/ports/resources.js'
import { memoryEncryptionKeys } from '../memory/memoryEncryptionKeys.js'
import { AGE_KEY, OTHER_AGE_KEY } from '../support/ageKeys.js'
import { azuriteTables } from '../support/azurite.js'
import { at, kari, later, ola } from '../support/samples.js'

const keyOf = (text: string) => text as EncryptionKey
const published = (organization = kari, text = AGE_KEY, publishedAt = at) => ({
  organization,
  publicKey: keyOf(text),
  publishedAt,
})

function encryptionKeysContract(name: string, makeKeys: () => Promise<EncryptionKeys>) {
  describe(`encryption keys in ${name}`, () => {
    test('are those of a resource, and of the organisations that have one', async () => {
      const keys = await makeKeys()
      await keys.publish('r / # ?', published())
      await keys.publish('other', published(ola))

      expect(await keys.of('r / # ?', [ola, kari])).toEqual([published()])
      expect(await keys.of('other', [ola, kari])).toEqual([published(ola)])
      expect(await keys.of('third', [ola, kari])).toEqual([])
    })

    test('replace those before, and are withdrawn, also when there is none', async () => {
      const keys = await makeKeys()
      await keys.publish('r', published())
      await keys.publish('r', published(kari, OTHER_AGE_KEY, later(5)))
      expect(await keys.of('r', [kari])).toEqual([published(kari, OTHER_AGE_KEY, later(5))])

      await keys.withdraw('r', kari)
      await keys.withdraw('r', kari)

      expect(await keys.of('r', [kari])).toEqual([])
    })
  })
}

const makeTable = azuriteTables()
encryptionKeysContract('memory', async () => memoryEncryptionKeys())
encryptionKeysContract('an Azure table', async () => tableEncryptionKeys(await makeTable()))
