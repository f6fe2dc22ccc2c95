import { describe, expect, test } from 'vitest'
import type { ProxyFault } from '../support/faultyProxy.js'
import {
  allAnswered,
  answered,
  comeBackLater,
  expectedEvents,
  found,
  LONGEST_SECONDS,
  recovered,
  stackBehindFaultyProxy,
} from '../support/outages.js'

const stack = stackBehindFaultyProxy('ALTINN_PLATFORM_URL')

const faults: [string, ProxyFault, number | undefined][] = [
  ['refuses connections', 'refuses', undefined],
  ['does not answer', 'silent', undefined],
  ['is throttled', { status: 429, retryAfterSeconds: 7 }, 7],
  ['refuses Broker’s own token', { status: 401 }, undefined],
]
const paths =
  (...starts: string[]) =>
  (path: string) =>
    starts.some((start) => path.startsWith(start))

describe('when Altinn', () => {
  test.each(faults)(
    'Authorization %s, no caller is denied: each gets 503 and Retry-After',
    async (_, fault, seconds) => {
      const { journey, proxy, calls } = stack()
      const published = await journey.sent('there', 'Published', { disableVirusScan: true })
      const waiting = await journey.initialize({ disableVirusScan: true })
      const known = await found(calls.search())

      proxy.have(fault, paths('/authorization/'))
      const answers = await allAnswered({
        initialize: calls.initialize(),
        upload: calls.upload(waiting),
        overview: calls.overview(published),
        details: calls.details(published),
        download: calls.download(published),
        confirm: calls.confirm(published),
      })
      proxy.have('none')

      for (const [name, answer] of Object.entries(answers)) {
        expect({ ...answer, type: 'application/json' }, name).toMatchObject(comeBackLater(seconds))
        expect(answer.seconds, name).toBeLessThan(LONGEST_SECONDS)
      }
      expect(await found(calls.search())).toEqual(known)
      expect((await calls.upload(waiting)).status).toBe(200)
      expect((await calls.download(waiting)).status).toBe(200)
    },
  )

  test.each(faults.slice(1, 3))('Resource Registry %s, no transfer is initialized', async (_, fault, seconds) => {
    const { proxy, calls } = stack()
    const known = await found(calls.search())

    proxy.have(fault, paths('/resourceregistry/'))
    const refused = await answered(calls.initialize())
    proxy.have('none')

    expect(refused).toMatchObject(comeBackLater(seconds))
    expect(refused.seconds).toBeLessThan(LONGEST_SECONDS)
    expect(await found(calls.search())).toEqual(known)
    expect((await calls.initialize()).status).toBe(200)
  })

  test.each(faults.slice(0, 2))(
    'Events and Register %s, every call succeeds, and the events are delivered afterwards',
    async (_, fault) => {
      const { journey, proxy, calls } = stack()

      proxy.have(fault, paths('/events/', '/register/'))
      const id = await journey.initialize({ disableVirusScan: true })
      const uploaded = await answered(calls.upload(id))
      const download = await answered(calls.download(id))
      const confirmed = await answered(calls.confirm(id))
      proxy.have('none')

      const served = { uploaded, download, confirmed }
      expect(Object.values(served).map(({ status }) => status)).toEqual([200, 200, 204])
      for (const [name, { seconds }] of Object.entries(served)) expect(seconds, name).toBeLessThan(5)
      await recovered(journey, async () => expect(await journey.events(id)).toEqual(expectedEvents))
    },
  )

  test.each(faults)('Register %s, no organisation is taken for unknown', async (_, fault, seconds) => {
    const { proxy, calls } = stack()
    const asked = String(900_000_000 + faults.findIndex((each) => each[1] === fault)) // not cached yet

    proxy.have(fault, paths('/register/'))
    const refused = await answered(calls.names(asked))
    proxy.have('none')

    expect(refused).toMatchObject(comeBackLater(seconds))
    expect(refused.seconds).toBeLessThan(LONGEST_SECONDS)
    expect((await calls.names(asked)).status).toBe(200)
  })

  test('is slow, everything takes longer and succeeds', async () => {
    const { journey, proxy, calls } = stack()
    proxy.have({ slowMs: 300 })

    const id = await journey.sent('slowly', 'Published', { disableVirusScan: true })
    const download = await answered(calls.download(id))
    proxy.have('none')

    expect(download).toMatchObject({ status: 200, text: 'slowly' })
  })
})
