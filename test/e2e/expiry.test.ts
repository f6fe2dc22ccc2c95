import { randomUUID } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import {
  bytesOf,
  expectOk,
  KARI,
  OLA,
  OWNER,
  POLLING,
  refusalOf,
  SLOW_POLLING,
  sharedJourney,
} from '../support/journey.js'

const journey = await sharedJourney()

const WRITE = 'altinn:broker.write'
const READ = 'altinn:broker.read'
const DAY_MS = 86_400_000
const off = { disableVirusScan: true }

type Overview = { created: string; expirationTime: string; fileTransferStatus: string }

const put = (id: string, expirationTime: unknown, scope = WRITE, org = OWNER) =>
  journey.as(org, scope, `filetransfer/${id}/expiry`, { method: 'PUT', ...journey.json({ expirationTime }) })
const changed = async (id: string, to: Date) => (await (await expectOk(put(id, to.toISOString()))).json()) as Overview
const cancel = (id: string, reason?: unknown) =>
  journey.as(OWNER, WRITE, `filetransfer/${id}/cancel`, {
    method: 'POST',
    ...(reason !== undefined && journey.json({ reason })),
  })
const afterCreation = async (id: string, days: number) => {
  const { created } = (await journey.details(id)) as unknown as Overview
  return new Date(Date.parse(created) + days * DAY_MS)
}
const downloaded = async (org: string, id: string) => bytesOf(await expectOk(journey.download(org, id)))
const told = (id: string, type: string, expected: string[]) =>
  vi.waitFor(async () => {
    const events = await journey.events(id)
    expect(events.filter((event) => event.startsWith(`${type} >`))).toEqual(expected.map((each) => `${type} > ${each}`))
  }, POLLING)

test('a sender lengthens and shortens the time of a published file, within what the resource allows', async () => {
  await journey.configure(journey.resourceId, { fileTransferMaxTimeToLive: 'P90D' })
  const id = await journey.sent('a file', 'Published', off)
  await downloaded(KARI, id)
  await expectOk(journey.confirm(KARI, id))
  expect(await journey.details(id)).not.toHaveProperty('expiryHistory')

  const lengthened = await changed(id, await afterCreation(id, 90))
  const same = await changed(id, await afterCreation(id, 90))
  const shortened = await changed(id, await afterCreation(id, 3))

  expect(lengthened).toMatchObject({ fileTransferStatus: 'Published' })
  expect(Date.parse(lengthened.expirationTime)).toBe((await afterCreation(id, 90)).getTime())
  expect(same).toEqual(lengthened)
  const { expiryHistory, fileTransferStatusHistory } = await journey.details(id)
  expect(expiryHistory).toMatchObject([
    { expirationTime: lengthened.expirationTime },
    { previousExpirationTime: lengthened.expirationTime, expirationTime: shortened.expirationTime },
  ])
  expect(fileTransferStatusHistory.at(-1)).toMatchObject({ fileTransferStatus: 'Published' })
  const listed = await expectOk(
    journey.as(
      OWNER,
      WRITE,
      `filetransfersummaries?${new URLSearchParams({ resourceId: journey.resourceId, role: 'Sender' })}`,
    ),
  )
  const { fileTransfers } = (await listed.json()) as { fileTransfers: { fileTransferId: string }[] }
  expect(fileTransfers.find(({ fileTransferId }) => fileTransferId === id)).toMatchObject({
    expirationTime: shortened.expirationTime,
  })
  await told(id, 'expirychanged', [`${OLA} as Recipient`, `${OLA} as Recipient`])
})

test('a file whose time is shortened is purged at the new time', async () => {
  const id = await journey.sent('soon gone', 'Published', off)

  const { expirationTime } = await changed(id, new Date(Date.now() + 3000))
  await vi.waitFor(async () => {
    await journey.runTimer('expireDue')
    expect((await journey.details(id)).fileTransferStatus).toBe('Purged')
  }, SLOW_POLLING)

  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expirationTime))
  await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toEqual([]), POLLING)
  expect(await refusalOf(put(id, new Date(Date.now() + DAY_MS).toISOString()))).toBe('409 BRO-08040')
})

test('a time that is too late is refused with the latest there is', async () => {
  const id = await journey.sent('a file', 'Published', off)
  const latest = await afterCreation(id, 90)

  const refused = await put(id, new Date(latest.getTime() + 1).toISOString())

  const problem = (await refused.json()) as Record<string, string>
  expect([refused.status, problem.code]).toEqual([400, 'BRO-08042'])
  expect(Date.parse(problem.latestExpirationTime ?? '')).toBe(latest.getTime())
  expect(problem.detail).toContain(problem.latestExpirationTime)
})

test('an expiry is refused that is not in the future, or not a time, or not of the caller', async () => {
  const id = await journey.sent('a file', 'Published', off)
  const soon = new Date(Date.now() + DAY_MS).toISOString()

  expect(await refusalOf(put(id, new Date(Date.now() - 1).toISOString()))).toBe('400 BRO-08041')
  for (const value of ['soon', '', 5, null, undefined, '2026-02-30', {}])
    expect((await put(id, value)).status).toBe(400)
  expect((await put(id, soon, READ)).status).toBe(403)
  expect(await refusalOf(put(id, soon, WRITE, KARI))).toBe('401 BRO-00006')
  expect(await refusalOf(put(randomUUID(), soon))).toBe('404 BRO-00001')
})

test('an expiry can be changed neither before the file is published nor in the grace period', async () => {
  const begun = await journey.initialize(off)
  const closed = await journey.sent('a file', 'Published', off)
  for (const each of [KARI, OLA]) {
    await downloaded(each, closed)
    await expectOk(journey.confirm(each, closed))
  }
  const soon = new Date(Date.now() + DAY_MS).toISOString()

  expect(await refusalOf(put(begun, soon))).toBe('409 BRO-08040')
  expect(await refusalOf(put(closed, soon))).toBe('409 BRO-08040')
  expect(await refusalOf(cancel(closed, 'too late'))).toBe('409 BRO-08002')
})

test('a sender withdraws a published file with a reason; who has not downloaded it is told', async () => {
  const id = await journey.sent('the wrong file', 'Published', off)
  await downloaded(KARI, id)

  expect(await refusalOf(cancel(id))).toBe('409 BRO-08002')
  expect((await journey.details(id)).fileTransferStatus).toBe('Published')
  expect((await cancel(id, 'Feil fil 😀 <b>')).status).toBe(204)
  expect((await cancel(id, 'another reason')).status).toBe(204)

  const asRecipient = await expectOk(journey.as(OLA, READ, `filetransfer/${id}`))
  expect(await asRecipient.json()).toMatchObject({
    fileTransferStatus: 'Cancelled',
    fileTransferStatusText: 'Feil fil 😀 <b>',
  })
  expect((await journey.details(id)).fileTransferStatusHistory.at(-1)).toMatchObject({
    fileTransferStatus: 'Cancelled',
    fileTransferStatusText: 'Feil fil 😀 <b>',
  })
  expect(await refusalOf(journey.download(KARI, id))).toBe('403 BRO-00007')
  expect(await refusalOf(journey.confirm(KARI, id))).toBe('400 BRO-00010')
  await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toEqual([]), POLLING)
  await told(id, 'cancelled', [`${OLA} as Recipient`, `${OWNER} as Sender`])
})

test('before it is published a reason is kept, and nobody is told', async () => {
  const id = await journey.initialize(off)

  expect((await cancel(id, 'Never mind')).status).toBe(204)

  expect(await journey.details(id)).toMatchObject({
    fileTransferStatus: 'Cancelled',
    fileTransferStatusText: 'Never mind',
  })
  await told(id, 'filetransferinitialized', [`${OWNER} as Sender`])
  await told(id, 'cancelled', [])
})

test('a reason must be one line of text', async () => {
  const id = await journey.sent('a file', 'Published', off)

  for (const reason of ['', ' ', 'x'.repeat(501), 'two\nlines', 5, {}])
    expect((await cancel(id, reason)).status).toBe(400)
  expect((await journey.details(id)).fileTransferStatus).toBe('Published')
})
