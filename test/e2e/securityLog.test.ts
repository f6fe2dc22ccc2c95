import { expect, test, vi } from 'vitest'
import { expectOk, OWNER, ownJourney, POLLING } from '../support/journey.js'

let lines: Record<string, unknown>[] = []
const log = (line: string) => {
  const json = /^app: (\{.*\})$/.exec(line)?.[1]
  if (json) lines.push(JSON.parse(json))
}
const journey = await ownJourney({}, { log })

const BAD = 'eyJhbGciOiJub25lIn0.eyJpc3MiOiJub2JvZHkifQ.c2lnbmF0dXJl'

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
