import { describe, expect, test, vi } from 'vitest'
import { expectOk, OWNER, ownJourney, POLLING } from '../support/journey.js'

let lines: Record<string, unknown>[] = []
const log = (line: string) => {
  const json = /^app: (\{.*\})$/.exec(line)?.[1]
  if (json) lines.push(JSON.parse(json))
}
const journey = await ownJourney({}, { log })

const BAD = 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJub2JvZHkifQ.c2lnbmF0dXJl'

describe('an upload', () => {
  test('is one trace, from the call through the queues to the event at Altinn', async () => {
    const trace = `${'a'.repeat(31)}1`
    const id = await journey.initialize({ disableVirusScan: true })
    const headers = { 'content-type': 'application/octet-stream', traceparent: `00-${trace}-00f067aa0ba902b7-01` }
    const send = { method: 'POST', body: 'hello', headers }

    await expectOk(journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}/upload`, send))

    const received = await vi.waitFor(async () => {
      const response = await fetch(`${journey.stack.urls.altinn}/events?resourceinstance=${id}`)
      const events = (await response.json()) as { event: { type: string }; traceparent?: string }[]
      const published = events.filter(({ event }) => event.type === 'no.altinn.broker.published')
      expect(published).toHaveLength(3)
      return published
    }, POLLING)
    expect(received.map(({ traceparent }) => traceparent?.split('-')[1])).toEqual([trace, trace, trace])
    // The line of a delivery is written after Altinn has it.
    await vi.waitFor(() => {
      const delivered = lines.filter(({ code, type }) => code === 'event.delivered' && type === 'published')
      expect(delivered.map(({ traceId }) => traceId)).toEqual([trace, trace, trace])
    }, POLLING)
    const page = await (await fetch(journey.stack.urls.altinn)).text()
    expect(page).toContain(trace)
  })

  test('that is refused returns the trace id of the call', async () => {
    const trace = `${'b'.repeat(31)}1`
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` }

    const answer = await journey.as(OWNER, 'altinn:broker.write', `filetransfer/${crypto.randomUUID()}`, { headers })

    expect(await answer.json()).toMatchObject({ traceId: expect.stringContaining(`00-${trace}-`) })
  })
})

test('the log of the app has each refused caller, the caller of each change, and no token', async () => {
  const id = await journey.initialize()
  const [initialized] = lines.filter(
    ({ code, fileTransferId }) => code === 'fileTransfer.initialized' && fileTransferId === id,
  )
  lines = []

  await journey.call(`filetransfer/${id}`, { headers: { authorization: `Bearer ${BAD}` } })
  await journey.call(`filetransfer/upload/tus/${id}`, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
  await journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}/confirmdownload`, { method: 'POST' })
  await expectOk(journey.as(OWNER, 'altinn:broker.write', `filetransfer/${id}`))

  expect(initialized).toMatchObject({ by: OWNER })
  await vi.waitFor(() => {
    const refused = lines.filter(({ code }) => code === 'security.refused')
    expect(refused.map(({ operation, reason, organization }) => [operation, reason, organization])).toEqual([
      ['getFileTransfer', 'tokenInvalid', undefined],
      ['tusUpload', 'tokenMissing', undefined],
      ['confirmDownload', 'scope', OWNER],
    ])
    expect(refused.every(({ traceId }) => /^[0-9a-f]{32}$/.test(String(traceId)))).toBe(true)
  }, POLLING)
  expect(JSON.stringify(lines)).not.toContain(BAD)
})
