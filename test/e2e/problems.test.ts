import { expect, test, vi } from 'vitest'
import { KARI, OLA, OWNER, RESOURCE, refusalOf, SLOW_POLLING, sharedJourney, startJourney } from '../support/journey.js'

const journey = await sharedJourney({ HOSTING_ENVIRONMENT: 'Production' })

const WRITE = 'altinn:broker.write'
const SERVICE_OWNER = 'altinn:serviceowner'

test.each([
  [{ maxFileTransferSize: -1 }, 'BRO-00011'],
  [{ maxFileTransferSize: 0 }, 'BRO-00012'],
  [{ maxFileTransferSize: 50_000_000_001 }, 'BRO-00013'],
  [{ fileTransferTimeToLive: 'a month' }, 'BRO-00014'],
  [{ fileTransferTimeToLive: 'P366D' }, 'BRO-00015'],
  [{ fileTransferMaxTimeToLive: 'a year' }, 'BRO-08043'],
  [{ fileTransferMaxTimeToLive: 'P366D' }, 'BRO-08044'],
  [{ purgeFileTransferGracePeriod: 'soon' }, 'BRO-00017'],
  [{ purgeFileTransferGracePeriod: 'PT25H' }, 'BRO-00018'],
])('a resource cannot be configured with %j: %s', async (settings, code) => {
  const put = { method: 'PUT', ...journey.json(settings) }

  expect(await refusalOf(journey.as(OWNER, SERVICE_OWNER, `resource/${journey.resourceId}`, put))).toBe(`400 ${code}`)
})

test('in production a resource cannot skip the scan without an approval: BRO-00020', async () => {
  const post = { method: 'POST', ...journey.json(journey.request({ disableVirusScan: true })) }

  expect(await refusalOf(journey.as(OWNER, WRITE, 'filetransfer', post))).toBe('400 BRO-00020')
})

test('a required party must take part: BRO-00026 and BRO-00027', async () => {
  const resourceId = 'new-with-required-party'
  await journey.configure(resourceId, { requiredParty: `0192:${KARI}` })
  const to = (...recipients: string[]) => {
    const request = journey.request({ resourceId, recipients: recipients.map((each) => `0192:${each}`) })
    return journey.as(OWNER, WRITE, 'filetransfer', { method: 'POST', ...journey.json(request) })
  }

  expect(await refusalOf(to(OLA))).toBe('400 BRO-00026')
  expect(await refusalOf(to(KARI, OLA))).toBe('400 BRO-00027')
  expect((await to(KARI)).status).toBe(200)
})

test('the owner of a resource registers before it configures: BRO-00024', async () => {
  const before = await startJourneyWithoutOwner()
  try {
    const put = { method: 'PUT', ...before.json({}) }

    expect(await refusalOf(before.as(OWNER, SERVICE_OWNER, `resource/${RESOURCE}`, put))).toBe('400 BRO-00024')
  } finally {
    await before.end()
  }
})

test('a file is confirmed while it is there: BRO-00010', async () => {
  const resourceId = 'new-short-lived'
  await journey.configure(resourceId, { fileTransferTimeToLive: 'PT3S' })
  const id = await journey.sent('file', 'Published', { resourceId })
  await vi.waitFor(async () => {
    await journey.runTimer('expireDue')
    expect((await journey.details(id)).fileTransferStatus).toBe('Purged')
  }, SLOW_POLLING)

  expect(await refusalOf(journey.confirm(KARI, id))).toBe('400 BRO-00010')
})

/** A stack without a registered service owner. */
const startJourneyWithoutOwner = () => startJourney({}, { isEmpty: true })
