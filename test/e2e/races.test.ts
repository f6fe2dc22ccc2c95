import { randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { bytesOf, KARI, md5, OLA, OWNER, POLLING, refusalOf, SLOW_POLLING, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index))
const cancel = (id: string) => journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}/cancel`, { method: 'POST' })
const count = async (id: string, type: string) =>
  (await journey.events(id)).filter((event) => event.startsWith(`${type} >`)).length

describe('uploads of one transfer in parallel', () => {
  test.each([false, true])('have one winner, whose file is downloaded and stays alone (scan off: %s)', async (off) => {
    const id = await journey.initialize({ disableVirusScan: off })
    const contents = times(10, (index) => Buffer.alloc(100_000 + index, `content ${index} `))

    const answers = await Promise.all(contents.map((content) => journey.upload(id, content)))

    const winners = answers.flatMap(({ ok }, index) => (ok ? [index] : []))
    expect(winners).toHaveLength(1)
    expect(answers.filter(({ ok }) => !ok).map(({ status }) => status)).toEqual(times(9, () => 409))
    await journey.reached(id, 'Published')
    const downloaded = await bytesOf(await journey.download(KARI, id))
    expect(md5(downloaded)).toBe(md5(contents[winners[0] ?? 0] ?? Buffer.alloc(0)))
    await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(1), POLLING)
    await vi.waitFor(async () => expect(await count(id, 'published')).toBe(3), POLLING)
    expect(await count(id, 'uploadprocessing')).toBe(1)
  })

  test('and a cancellation end as the sender was answered', async () => {
    const ids = await Promise.all(times(8, () => journey.initialize({ disableVirusScan: true })))

    const outcomes = await Promise.all(
      ids.map(async (id, index) => {
        const [uploaded, cancelled] = await Promise.all([
          journey.upload(id, Buffer.alloc(index * 50_000, 'x')),
          cancel(id),
        ])
        return { id, uploaded: uploaded.status, cancelled: cancelled.status }
      }),
    )

    for (const { id, uploaded, cancelled } of outcomes) {
      const { fileTransferStatus } = await journey.details(id)
      expect([`${uploaded} ${cancelled} ${fileTransferStatus}`]).toEqual([
        cancelled === 204 ? `${uploaded} 204 Cancelled` : '200 409 Published',
      ])
      expect([200, 409]).toContain(uploaded)
      const left = cancelled === 204 ? 0 : 1
      await vi.waitFor(async () => expect(await journey.storedBlobs(id)).toHaveLength(left), POLLING)
    }
  })
})

describe('confirmations in parallel', () => {
  test('of all recipients, each ten times, close the transfer once', async () => {
    const id = await journey.sent('a file', 'Published', { disableVirusScan: true })
    for (const each of [KARI, OLA]) await bytesOf(await journey.download(each, id))

    const answers = await Promise.all(times(20, (index) => journey.confirm(index % 2 ? KARI : OLA, id)))

    expect(answers.map(({ status }) => status)).toEqual(times(20, () => 204))
    await journey.reached(id, 'AllConfirmedDownloaded')
    await vi.waitFor(async () => expect(await count(id, 'allconfirmeddownloaded')).toBe(1), POLLING)
    await vi.waitFor(async () => expect(await count(id, 'downloadconfirmed')).toBe(4), POLLING)
  })

  test('and the expiry, by ten timers in parallel, notify exactly the recipients whose confirmation was refused', async () => {
    await journey.configure('new-races', { fileTransferTimeToLive: 'PT4S' })
    const more = { resourceId: 'new-races', disableVirusScan: true }
    const ids = await Promise.all(times(6, () => journey.sent('soon gone', 'Published', more)))
    for (const id of ids) for (const each of [KARI, OLA]) await bytesOf(await journey.download(each, id))
    const { expirationTime } = await journey.details(ids.at(-1) ?? '')
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(Date.parse(String(expirationTime))), POLLING)

    const confirming = ids.map((id) =>
      Promise.all([KARI, OLA].map(async (each) => (await journey.confirm(each, id)).status)),
    )
    await Promise.all(times(10, () => journey.runTimer('expireDue')))
    const statuses = await Promise.all(confirming)

    for (const [index, id] of ids.entries()) {
      const [kari, ola] = statuses[index] ?? []
      for (const status of [kari, ola]) expect([204, 400, 403, 409]).toContain(status)
      const confirmed = [kari, ola].filter((status) => status === 204).length
      const end = confirmed === 2 ? 'AllConfirmedDownloaded' : 'Purged'
      await vi.waitFor(async () => {
        if (confirmed < 2) await journey.runTimer('expireDue')
        expect((await journey.details(id)).fileTransferStatus).toBe(end)
      }, SLOW_POLLING)
      const reminders = confirmed === 2 ? 0 : 2 - confirmed + 1
      await vi.waitFor(async () => {
        expect(await count(id, 'fileneverconfirmeddownloaded')).toBe(reminders)
        expect(await count(id, 'filepurged')).toBe(confirmed === 2 ? 0 : 1)
        expect(await count(id, 'downloadconfirmed')).toBe(confirmed * 2)
      }, POLLING)
    }
  })
})

describe('initializing in parallel', () => {
  test('with one Idempotency-Key initializes one transfer', async () => {
    const body = journey.request({ disableVirusScan: true })
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
    const send = { method: 'POST', body: JSON.stringify(body), headers }

    const answers = await Promise.all(times(20, () => journey.as(OWNER, 'altinn:broker.write', 'filetransfer', send)))

    expect(answers.map(({ status }) => status)).toEqual(times(20, () => 200))
    const ids = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { fileTransferId: string }).fileTransferId),
    )
    const [id = ''] = ids
    expect(new Set(ids).size).toBe(1)
    expect((await journey.details(id)).fileTransferStatus).toBe('Initialized')
    await vi.waitFor(async () => expect(await count(id, 'filetransferinitialized')).toBe(1), POLLING)
    expect((await journey.upload(id, 'one file')).status).toBe(200)
  })
})

describe('configuring a resource in parallel', () => {
  test('ends in one of the configurations, and no call fails', async () => {
    const path = 'resource/new-parallel'
    const sizes = times(10, (index) => 1_000_000 + index)
    await journey.configure('new-parallel', { maxFileTransferSize: 1 })

    const answers = await Promise.all(
      sizes.map((maxFileTransferSize) =>
        refusalOf(
          journey.as(OWNER, 'altinn:serviceowner', path, { method: 'PUT', ...journey.json({ maxFileTransferSize }) }),
        ),
      ),
    )

    expect(answers).toEqual(times(10, () => '204'))
    const now = (await (await journey.as(OWNER, 'altinn:serviceowner', path)).json()) as { maxFileTransferSize: number }
    expect(sizes).toContain(now.maxFileTransferSize)
  })
})
