import { describe, expect, test } from 'vitest'
import type { ProxyFault } from '../support/faultyProxy.js'
import {
  allAnswered,
  comeBackLater,
  expectedEvents,
  found,
  healthOnce,
  LONGEST_SECONDS,
  recovered,
  stackBehindFaultyProxy,
} from '../support/outages.js'

const stack = stackBehindFaultyProxy('Tables')

const faults: [string, ProxyFault, number | undefined][] = [
  ['refuse connections', 'refuses', undefined],
  ['do not answer', 'silent', undefined],
  ['are throttled', { status: 503, retryAfterSeconds: 7 }, 7],
  ['are throttled, and ask for an hour', { status: 429, retryAfterSeconds: 3600 }, 60],
]

describe('when the tables', () => {
  test.each(faults)(
    '%s, every call gets 503 and Retry-After, and all succeed afterwards',
    async (_, fault, seconds) => {
      const { journey, proxy, calls } = stack()
      const published = await journey.sent('there', 'Published', { disableVirusScan: true })
      const waiting = await journey.initialize({ disableVirusScan: true })
      const known = await found(calls.search())

      proxy.have(fault)
      const answers = await allAnswered({
        initialize: calls.initialize(),
        upload: calls.upload(waiting),
        overview: calls.overview(published),
        details: calls.details(published),
        search: calls.search(),
        download: calls.download(published),
        confirm: calls.confirm(published),
        getResource: calls.getResource(),
      })
      const remembered = await calls.getServiceOwner() // cached when the transfers were initialized
      const health = await healthOnce(503, calls)
      proxy.have('none')

      for (const [name, answer] of Object.entries(answers)) {
        expect(answer, name).toMatchObject(comeBackLater(seconds))
        expect(answer.seconds, name).toBeLessThan(LONGEST_SECONDS)
      }
      expect(remembered.status).toBe(200)
      expect(health).toMatchObject({ status: 503, retryAfter: '5', text: 'Down: tables.' })
      expect(await found(calls.search())).toEqual(known)
      expect((await calls.upload(waiting)).status).toBe(200)
      expect(await (await calls.download(waiting)).text()).toBe('file')
      expect((await calls.confirm(waiting)).status).toBe(204)
      await recovered(journey, async () => expect(await journey.events(waiting)).toEqual(expectedEvents))
      await healthOnce(200, calls)
    },
  )

  test('are slow, everything takes longer and succeeds', async () => {
    const { journey, proxy, calls } = stack()
    proxy.have({ slowMs: 150 })

    const id = await journey.sent('slowly', 'Published', { disableVirusScan: true })
    const answers = await allAnswered({
      overview: calls.overview(id),
      search: calls.search(),
      download: calls.download(id),
    })
    proxy.have('none')

    expect(Object.values(answers).map(({ status }) => status)).toEqual([200, 200, 200])
  })
})
