import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ProxyFault } from '../support/faultyProxy.js'
import { OWNER } from '../support/journey.js'
import {
  allAnswered,
  answered,
  comeBackLater,
  expectedEvents,
  healthOnce,
  LONGEST_SECONDS,
  recovered,
  stackBehindFaultyProxy,
} from '../support/outages.js'

const stack = stackBehindFaultyProxy('ServiceBus')

const faults: [string, ProxyFault][] = [
  ['refuses connections', 'refuses'],
  ['does not answer', 'silent'],
]

describe('when Service Bus', () => {
  test.each(faults)('%s, a service owner is asked to come back for the dead letters', async (_, fault) => {
    const { journey, proxy } = stack()
    proxy.have(fault)
    const refused = await answered(journey.as(OWNER, 'altinn:serviceowner', 'serviceowner/dead-letters'))
    proxy.have('none')

    expect(refused).toMatchObject(comeBackLater())
  })

  test.each(faults)('%s, only the scanner gets 503, and each event is published once afterwards', async (_, fault) => {
    const { journey, proxy, calls } = stack()
    const scan = { id: 'scan-1', eventType: 'Microsoft.Security.MalwareScanningResult' }
    const data = { blobUri: 'https://elsewhere.example/a', eTag: '1', scanResultType: 'No threats found' }
    const webhook = { method: 'POST', ...journey.json([{ ...scan, data }]) }

    proxy.have(fault)
    const id = await journey.initialize({ disableVirusScan: true })
    const uploaded = await answered(calls.upload(id))
    const download = await answered(calls.download(id))
    const confirmed = await answered(calls.confirm(id))
    const others = await allAnswered({ search: calls.search(), details: calls.details(id) })
    const received = await answered(journey.call('webhooks/malwarescanresults', webhook))
    const health = await healthOnce(503, calls)
    proxy.have('none')

    const served = { uploaded, download, confirmed, ...others }
    expect(Object.values(served).map(({ status }) => status)).toEqual([200, 200, 204, 200, 200])
    for (const [name, { seconds }] of Object.entries(served)) expect(seconds, name).toBeLessThan(5)
    expect(received).toMatchObject(comeBackLater())
    expect(received.seconds).toBeLessThan(LONGEST_SECONDS)
    expect(health).toMatchObject({ status: 503, retryAfter: '5', text: 'Down: service bus.' })
    // What could not be sent is found when its marks are 30 s old.
    await recovered(journey, async () => expect(await journey.events(id)).toEqual(expectedEvents))
    await recovered(journey, async () => expect((await calls.health()).status).toBe(200))
    expect((await journey.details(id)).fileTransferStatus).toBe('Published')
  })

  test('breaks again and again, events are published as soon as it is back', async () => {
    const { journey, proxy, calls } = stack()

    for (let round = 0; round < 15; round++) {
      proxy.have('refuses')
      const meanwhile = calls.initialize()
      await pause((round * 67) % 300)
      proxy.have('none')
      expect((await meanwhile).status).toBe(200)
      const id = await journey.initialize()
      const expected = [`filetransferinitialized > ${OWNER} as Sender`]
      await recovered(journey, async () => expect(await journey.events(id), `round ${round}`).toEqual(expected))
    }
  })
})
