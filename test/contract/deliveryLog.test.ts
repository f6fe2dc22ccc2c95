import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableDeliveryLog } from '../../src/adapters/tables/tableDeliveryLog.js'
import type { DeliveryLog, DeliveryRecord, EventDelivery } from '../../src/usecases/ports/events.js'
import { memoryDeliveryLog } from '../memory/memoryDeliveryLog.js'
import { azuriteTables } from '../support/azurite.js'
import { at, kari, later, ola, sender } from '../support/samples.js'

const fileTransferId = randomUUID()
const delivery = (organization = kari, given: Partial<EventDelivery['event']> = {}): EventDelivery => ({
  id: randomUUID(),
  event: {
    type: 'published',
    actor: { organization, role: organization === sender ? 'Sender' : 'Recipient' },
    fileTransferId,
    resourceId: 'bilag',
    sequence: 3,
    at,
    ...given,
  },
})

const waiting: DeliveryRecord = { status: 'Waiting', tries: 1, triedAt: at, answer: 503, nextTryAt: later(2) }
const delivered: DeliveryRecord = { status: 'Delivered', tries: 2, triedAt: later(2), answer: 200 }
const givenUp: DeliveryRecord = { status: 'GivenUp', tries: 55, triedAt: later(9), answer: 'UnknownParty' }

function deliveryLogContract(name: string, makeLog: () => Promise<DeliveryLog>) {
  describe(`a delivery log in ${name}`, () => {
    test('knows nothing of what was never tried', async () => {
      const log = await makeLog()

      expect(await log.read(delivery())).toBeUndefined()
      expect(await log.ofFileTransfer(fileTransferId)).toEqual(new Map())
    })

    test.each([waiting, delivered, givenUp])('keeps the last try: %o', async (last) => {
      const log = await makeLog()
      const event = delivery()

      await log.record(event, last)

      expect(await log.read(event)).toEqual(last)
    })

    test('has the later try in place of the earlier', async () => {
      const log = await makeLog()
      const event = delivery()

      for (const last of [waiting, givenUp, { ...waiting, tries: 56 }, delivered]) {
        await log.record(event, last)
        expect(await log.read(event)).toEqual(last)
      }
    })

    test('keeps that an event was delivered', async () => {
      const log = await makeLog()
      const event = delivery()
      await log.record(event, delivered)

      await log.record(event, waiting)
      await log.record(event, givenUp)

      expect(await log.read(event)).toEqual(delivered)
    })

    test('shows what was delivered, whatever is written at the same moment', async () => {
      const log = await makeLog()
      const event = delivery()

      await Promise.all([waiting, delivered, givenUp].map((last) => log.record(event, last)))

      expect(await log.read(event)).toEqual(delivered)
    })

    test('lists a transfer, or one organisation in it, and no other', async () => {
      const log = await makeLog()
      const [own, others, sent] = [delivery(kari), delivery(ola), delivery(sender)]
      await log.record(own, waiting)
      await log.record(others, delivered)
      await log.record(sent, givenUp)
      await log.record(delivery(kari, { fileTransferId: randomUUID() }), delivered)

      expect(await log.ofFileTransfer(fileTransferId)).toEqual(
        new Map([
          [own.id, waiting],
          [others.id, delivered],
          [sent.id, givenUp],
        ]),
      )
      expect(await log.ofFileTransfer(fileTransferId, kari)).toEqual(new Map([[own.id, waiting]]))
    })

    test('removes a transfer, and no other', async () => {
      const log = await makeLog()
      const other = delivery(kari, { fileTransferId: randomUUID() })
      for (const each of [delivery(kari), delivery(ola), other]) await log.record(each, delivered)

      await log.remove(fileTransferId)
      await log.remove(fileTransferId)

      expect(await log.ofFileTransfer(fileTransferId)).toEqual(new Map())
      expect(await log.read(other)).toEqual(delivered)
    })
  })
}

const makeTable = azuriteTables()
deliveryLogContract('memory', async () => memoryDeliveryLog())
deliveryLogContract('an Azure table', async () => tableDeliveryLog(await makeTable()))
