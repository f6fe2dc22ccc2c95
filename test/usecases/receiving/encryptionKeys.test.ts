import { describe, expect, test } from 'vitest'
import type { EncryptionKey } from '../../../src/domain/encryptionKey.js'
import { err, ok } from '../../../src/domain/result.js'
import { AGE_KEY, OTHER_AGE_KEY } from '../../support/ageKeys.js'
import { callerFor, memoryWorld } from '../../support/memoryBroker.js'
import { at, kari, ola, request, sender } from '../../support/samples.js'

const [key, other] = [AGE_KEY, OTHER_AGE_KEY].map((text) => text as EncryptionKey)
const encrypted = { recipients: [kari, ola], disableVirusScan: true, encryption: 'age' as const }

describe('the key of a recipient', () => {
  test('is given to those who send and receive by the resource, and is replaced and withdrawn', async () => {
    const { broker, log } = await memoryWorld()
    const keys = async () => {
      const found = await broker.getEncryptionKeys(callerFor(sender), 'bilag', [ola, kari])
      return found.ok ? found.value.map(({ key }) => key?.publicKey) : found.reason
    }

    const published = await broker.publishEncryptionKey(callerFor(kari), 'bilag', key)
    expect(published).toEqual(ok({ organization: kari, key: { organization: kari, publicKey: key, publishedAt: at } }))
    expect(await keys()).toEqual([undefined, key])
    await broker.publishEncryptionKey(callerFor(kari), 'bilag', other)
    expect(await keys()).toEqual([undefined, other])
    await broker.publishEncryptionKey(callerFor(kari), 'bilag', undefined)
    expect(await keys()).toEqual([undefined, undefined])

    expect(log.filter(({ event }) => event.startsWith('encryptionKey.'))).toMatchObject([
      { event: 'encryptionKey.published', details: { resourceId: 'bilag', by: kari } },
      { event: 'encryptionKey.published' },
      { event: 'encryptionKey.withdrawn' },
    ])
  })

  test('needs access to a resource that is configured, and a token of an organisation', async () => {
    const world = await memoryWorld()
    const refusing = world.start(() => ({
      access: { isPermitted: async () => false, permittedParties: async () => [] },
    }))
    const calls = [
      refusing.publishEncryptionKey(callerFor(kari), 'bilag', key),
      refusing.getEncryptionKeys(callerFor(kari), 'bilag', [kari]),
      world.broker.publishEncryptionKey(callerFor(kari), 'unknown', key),
      world.broker.getEncryptionKeys(callerFor(kari), 'unknown', [kari]),
      world.broker.publishEncryptionKey(callerFor(undefined), 'bilag', key),
      world.broker.getEncryptionKeys(callerFor(undefined), 'bilag', [kari]),
    ]

    expect(await Promise.all(calls)).toEqual(calls.map(() => err('NoAccessToResource')))
  })
})

describe('an encrypted file', () => {
  test('is for recipients who all have a key', async () => {
    const { broker, read } = await memoryWorld()
    await broker.publishEncryptionKey(callerFor(kari), 'bilag', key)
    const initialize = () => broker.initializeFileTransfer(callerFor(sender), request(encrypted))

    expect(await initialize()).toEqual(
      err({ problem: 'RecipientWithoutEncryptionKey', detail: `These have none: 0192:${ola}.` }),
    )
    await broker.publishEncryptionKey(callerFor(ola), 'bilag', other)
    const begun = await initialize()

    expect((await read(begun.ok ? begun.value : '')).transfer).toMatchObject({ encryption: 'age', useVirusScan: false })
  })

  test('is not scanned, where the resource allows that', async () => {
    const world = await memoryWorld()
    const production = world.start(() => ({ isProduction: true }))
    for (const each of [kari, ola]) await world.broker.publishEncryptionKey(callerFor(each), 'bilag', key)
    const scanned = request({ ...encrypted, disableVirusScan: false })

    expect(await world.broker.initializeFileTransfer(callerFor(sender), scanned)).toEqual(
      err('EncryptedFileCannotBeScanned'),
    )
    expect(await production.initializeFileTransfer(callerFor(sender), request(encrypted))).toEqual(
      err('NotApprovedForDisabledVirusScan'),
    )
  })
})
