import { describe, expect, test } from 'vitest'
import type { ProxyFault } from '../support/faultyProxy.js'
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

const MIB = 2 ** 20

const stack = stackBehindFaultyProxy('UnscannedBlobs')

const faults: [string, ProxyFault, number | undefined][] = [
  ['refuse connections', 'refuses', undefined],
  ['do not answer', 'silent', undefined],
  ['are throttled', { status: 503, retryAfterSeconds: 7 }, 7],
]

describe('when the blobs', () => {
  test.each(faults)(
    '%s, only calls that need a file get 503, and all succeed afterwards',
    async (_, fault, seconds) => {
      const { journey, proxy, calls } = stack()
      const published = await journey.sent('there', 'Published', { disableVirusScan: true })
      const waiting = await journey.initialize({ disableVirusScan: true })
      const large = await journey.initialize({ disableVirusScan: true })

      proxy.have(fault)
      const refused = await allAnswered({
        upload: calls.upload(waiting),
        uploadOfBlocks: calls.upload(large, 'x'.repeat(20 * MIB)),
        download: calls.download(published),
      })
      const served = await allAnswered({
        initialize: calls.initialize(),
        overview: calls.overview(published),
        search: calls.search(),
        confirm: calls.confirm(published),
      })
      const health = await healthOnce(503, calls)
      proxy.have('none')

      for (const [name, answer] of Object.entries(refused)) {
        expect({ ...answer, type: 'application/json' }, name).toMatchObject(comeBackLater(seconds))
        expect(answer.seconds, name).toBeLessThan(LONGEST_SECONDS)
      }
      expect(Object.values(served).map(({ status }) => status)).toEqual([200, 200, 200, 204])
      expect(health).toMatchObject({ status: 503, retryAfter: '5', text: 'Down: unscanned blobs.' })
      expect((await journey.details(waiting)).fileTransferStatus).toBe('UploadStarted')
      for (const id of [waiting, large]) expect((await calls.upload(id)).status).toBe(200)
      expect(await (await calls.download(waiting)).text()).toBe('file')
      expect((await calls.confirm(waiting)).status).toBe(204)
      await recovered(journey, async () => expect(await journey.events(waiting)).toEqual(expectedEvents))
      await recovered(journey, async () => expect(await journey.storedBlobs(large)).toHaveLength(1))
    },
  )

  test('stall in the middle of a download, it ends before its length', async () => {
    const { journey, proxy, calls } = stack()
    const id = await journey.sent('x'.repeat(40 * MIB), 'Published', { disableVirusScan: true })
    const download = await calls.download(id)
    const reader = download.body?.getReader()
    await reader?.read()

    proxy.have('silent')
    const rest = async () => {
      while (!(await reader?.read())?.done);
    }
    await expect(rest()).rejects.toThrow()
    proxy.have('none')

    expect((await answered(calls.download(id))).text.length).toBe(40 * MIB)
  })

  test('are slow, everything takes longer and succeeds', async () => {
    const { journey, proxy, calls } = stack()
    proxy.have({ slowMs: 50 })

    const id = await journey.sent('x'.repeat(4 * MIB), 'Published', { disableVirusScan: true })
    const download = await answered(calls.download(id))
    proxy.have('none')

    expect(download.status).toBe(200)
    expect(download.text.length).toBe(4 * MIB)
  })
})
