import { describe, expect, test, vi } from 'vitest'
import { KARI, OLA, OWNER, ownJourney, SLOW_POLLING } from '../support/journey.js'

const journey = await ownJourney({}, { isStopped: true })

const published = [
  `published > ${OLA} as Recipient`,
  `published > ${KARI} as Recipient`,
  `published > ${OWNER} as Sender`,
]

describe('when the app is killed', () => {
  test('after an upload, and started again, the file is published and each event is published once', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => journey.initialize({ disableVirusScan: true })))
    const uploads = ids.map(async (id) => (await journey.upload(id, `file of ${id}`)).status)

    await Promise.race(uploads) // at least one has been acknowledged; the others are under way
    await journey.stack.killApp()
    const acknowledged = (await Promise.allSettled(uploads)).flatMap((each, i) =>
      each.status === 'fulfilled' && each.value === 200 ? [ids[i] ?? ''] : [],
    )
    await journey.stack.startApp()

    expect(acknowledged.length).toBeGreaterThan(0)
    for (const id of acknowledged) {
      await vi.waitFor(
        async () => {
          await journey.runTimer('maintain')
          expect((await journey.details(id)).fileTransferStatus).toBe('Published')
          expect((await journey.events(id)).filter((event) => event.startsWith('published'))).toEqual(published)
        },
        SLOW_POLLING, // what was committed and not announced is found after 30 s
      )
      expect(await (await journey.download(KARI, id)).text()).toBe(`file of ${id}`)
    }
  })
})
