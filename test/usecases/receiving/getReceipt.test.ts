import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { err } from '../../../src/domain/result.js'
import { callerFor, memoryWorld, uploadOf } from '../../support/memoryBroker.js'
import { kari, organization, sender } from '../../support/samples.js'

/** A transfer without a scan, published if it has a file. */
async function transferWith(...files: string[]) {
  const world = await memoryWorld()
  const { broker } = world
  const id = await world.begin({ disableVirusScan: true })
  for (const each of files) await broker.uploadFile(callerFor(sender), id, uploadOf(each))
  await broker.settled()
  return { world, broker, id }
}

describe('the receipt of a file transfer', () => {
  test.each([
    ['its sender', sender],
    ['a recipient', kari],
  ])('is the same for %s, and is verified by the published keys', async (_, who) => {
    const { broker, id } = await transferWith('hello')

    const given = await broker.getReceipt(callerFor(who), id)

    if (!given.ok) throw new Error(given.reason)
    const { receipt, statement } = given.value
    const { payload } = await jwtVerify(receipt, createLocalJWKSet({ keys: await broker.getReceiptKeys() }))
    expect(payload).toEqual(statement)
    expect(statement).toMatchObject({ sub: id, iss: 'https://platform.example/broker/api/v1' })
    expect(await broker.getReceipt(callerFor(sender), id)).toMatchObject({ value: { statement } })
  })

  test('is refused to others, before the file is published, and where there is no transfer', async () => {
    const [{ broker, id }, early] = [await transferWith('hello'), await transferWith()]
    const stranger = callerFor(organization('999888777'))

    expect(await broker.getReceipt(stranger, id)).toEqual(err('NoAccessToResource'))
    expect(await early.broker.getReceipt(stranger, early.id)).toEqual(err('NoAccessToResource'))
    expect(await early.broker.getReceipt(callerFor(sender), early.id)).toEqual(err('ReceiptBeforePublished'))
    expect(await broker.getReceipt(callerFor(sender), early.id)).toEqual(err('FileTransferNotFound'))
  })

  test('is not given without a key, and then there are no keys', async () => {
    const { world, id } = await transferWith('hello')
    const broker = world.start(() => ({ receiptSigner: undefined }))

    expect(await broker.getReceipt(callerFor(sender), id)).toEqual(err('ReceiptsSwitchedOff'))
    expect(await broker.getReceiptKeys()).toEqual([])
  })
})
