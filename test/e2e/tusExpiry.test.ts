import { randomBytes } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { describe, expect, test, vi } from 'vitest'
import { KARI, OWNER, ownJourney, POLLING, SLOW_POLLING } from '../support/journey.js'
import { outcomeOf, tusCalls } from '../support/tusCalls.js'

// An upload is waited for so long after its last byte.

const IDLE_MS = 6_000
const MIB = 2 ** 20
const journey = await ownJourney({ UPLOAD_IDLE_SECONDS: `${IDLE_MS / 1000}` })
const tus = tusCalls(journey, await journey.token(OWNER, 'altinn:broker.write'))

/** Runs the timer until the transfer has failed for want of bytes. */
const failedIdle = (id: string) =>
  vi.waitFor(async () => {
    await journey.runTimer('expireDue')
    expect(await journey.details(id)).toMatchObject({
      fileTransferStatus: 'Failed',
      fileTransferStatusText: 'The upload was begun and never finished',
    })
  }, SLOW_POLLING)

/** The types of the facts of a transfer, in order. */
async function factsOf(id: string): Promise<string[]> {
  const { Tables = '' } = journey.stack.settings
  const table = TableClient.fromConnectionString(Tables, 'FileTransfers', { allowInsecureConnection: true })
  const rows = await Array.fromAsync(table.listEntities({ queryOptions: { filter: `PartitionKey eq '${id}'` } }))
  return rows.flatMap(({ type }) => (typeof type === 'string' ? [type] : []))
}

const expiresAt = ({ headers }: Response) => Date.parse(headers.get('upload-expires') ?? '')

describe.concurrent('an upload that gets no bytes', () => {
  test.each(['as a single upload', 'in parts'])('fails, %s, and leaves nothing behind', async (how) => {
    const id = await journey.initialize()
    const paths = how === 'in parts' ? [await tus.part(id, 9 * MIB), await tus.part(id, 5)] : [tus.at(id)]
    if (how === 'as a single upload') await tus.create(id, 9 * MIB)
    for (const path of paths) await tus.patch(path, 0, randomBytes(path === paths[0] ? 5 * MIB : 4))
    expect(await tus.stored(id)).not.toEqual([])

    await failedIdle(id)

    for (const path of paths) expect(await outcomeOf(tus.head(path))).toBe('404')
    await vi.waitFor(
      async () => expect(await journey.events(id)).toContain(`uploadfailed > ${OWNER} as Sender`),
      POLLING,
    )
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
    expect(await outcomeOf(tus.create(id, 5))).toBe('409')
  })

  test('does not exist after its expiry, also before a timer has run', async () => {
    const { id, path } = await tus.initializeWithUpload(5)
    const expires = expiresAt(await tus.head(path))

    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(expires + 1000), POLLING)

    expect(await outcomeOf(tus.head(path))).toBe('404')
    expect(await outcomeOf(tus.patch(path, 0, 'hello'))).toBe('404')
    await failedIdle(id)
  })
})

describe.concurrent('an upload that gets bytes', () => {
  test('has a new expiry with each, and completes', async () => {
    const { id, path } = await tus.initializeWithUpload(20)
    const first = expiresAt(await tus.head(path))
    let offset = 0

    await vi.waitFor(
      async () => {
        expect(await outcomeOf(tus.patch(path, offset, 'x'))).toBe(`204 ${++offset}`)
        await journey.runTimer('expireDue')
        expect(await factsOf(id)).toContain('UploadContinued')
      },
      { ...POLLING, interval: 1000 },
    )

    expect(Date.now()).toBeGreaterThan(first)
    const head = await tus.head(path)
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, `${offset}`])
    expect(expiresAt(head)).toBeGreaterThan(first)
    expect(await outcomeOf(tus.patch(path, offset, 'x'.repeat(20 - offset)))).toBe('204 20')
    expect(await (await journey.download(KARI, id)).text()).toBe('x'.repeat(20))
  })

  test('and then no more, fails at last', async () => {
    const { id, path } = await tus.initializeWithUpload(20)
    const first = expiresAt(await tus.head(path))
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(first - IDLE_MS / 2), POLLING)
    await tus.patch(path, 0, 'last words')

    await failedIdle(id)

    expect(await factsOf(id)).toContain('UploadContinued')
    await vi.waitFor(async () => expect(await tus.stored(id)).toEqual([]), POLLING)
  })
})
