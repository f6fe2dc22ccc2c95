import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { TableServiceClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { describe, expect, test, vi } from 'vitest'
import { tables } from '../../src/config.js'
import { KARI, OWNER, ownJourney, POLLING, RESOURCE } from '../support/journey.js'

const PROGRAM = join(import.meta.dirname, '../../dist/tools/restore.js')

const journey = await ownJourney({}, { isStopped: true })

/** Runs `npm run restore` without its build. */
const restore = (...flags: string[]) =>
  new Promise<{ code: number | string | null | undefined; out: string; error: string }>((answer) => {
    execFile(process.execPath, [PROGRAM, ...flags], (failure, out, error) => {
      answer({ code: failure ? failure.code : 0, out, error })
    })
  })

const places = () => ['--from', journey.stack.settings.Backups ?? '', '--to', journey.stack.settings.Tables ?? '']

/** A backup of now: one that the timer has just made by itself is taken away. */
async function backedUp(): Promise<void> {
  const account = BlobServiceClient.fromConnectionString(journey.stack.settings.Backups ?? '')
  const container = account.getContainerClient('backups')
  const manifests = () => Array.fromAsync(container.listBlobsFlat({ prefix: 'manifests/' }))
  for (const { name } of await manifests()) await container.deleteBlob(name)
  await journey.runTimer('backUpTables')
  await vi.waitFor(async () => expect(await manifests()).toHaveLength(1), POLLING)
}

/** The account is lost, and deployed again. */
async function newTables(): Promise<void> {
  const service = TableServiceClient.fromConnectionString(journey.stack.settings.Tables ?? '', {
    allowInsecureConnection: true,
  })
  for (const name of Object.values(tables)) await service.deleteTable(name)
  for (const name of Object.values(tables)) await service.createTable(name)
}

const foundBy = async (org: string, scope: string) =>
  (await (await journey.as(org, scope, `filetransfer?resourceId=${RESOURCE}`)).json()) as string[]

describe('npm run restore', () => {
  test('brings back the tables that were lost, and Broker works with them', async () => {
    const [one, other] = [await journey.sent('one'), await journey.sent('other')]
    await (await journey.download(KARI, other)).text()
    await vi.waitFor(async () => expect(await journey.events(other)).toHaveLength(5), POLLING)
    const before = [await journey.details(one), await journey.details(other)]
    await backedUp()
    await journey.stack.stopApp()
    await newTables()

    const { code, out, error } = await restore(...places())

    expect([code, error]).toEqual([0, ''])
    expect(out).toMatch(/FileTransfers +\d+ rows added/)
    expect(out).toMatch(/2 file transfers, with their deadlines and search rows/)
    await journey.stack.startApp()
    expect([await journey.details(one), await journey.details(other)]).toEqual(before)
    expect((await foundBy(OWNER, 'altinn:broker.write')).toSorted()).toEqual([one, other].toSorted())
    expect((await foundBy(KARI, 'altinn:broker.read')).toSorted()).toEqual([one, other].toSorted())
    expect(await (await journey.download(KARI, one)).text()).toBe('one')
    expect((await journey.confirm(KARI, other)).status).toBe(204)
    await journey.sent('new')
  })

  test('refuses tables that have rows, unless it gets --into-existing', async () => {
    const refused = await restore(...places())
    const again = await restore(...places(), '--into-existing')

    expect([refused.code, refused.error]).toEqual([1, expect.stringContaining('--into-existing')])
    expect([again.code, again.error]).toEqual([0, ''])
  })

  test('says what is wrong with its arguments', async () => {
    const none = await restore()
    const time = await restore(...places(), '--at', 'yesterday')
    const early = await restore(...places(), '--at', '2020-01-01')
    const unknown = await restore(...places(), '--force')

    for (const { code, error } of [none, time]) expect([code, error]).toEqual([1, expect.stringContaining('--from')])
    expect([early.code, early.error]).toEqual([1, expect.stringContaining('no full backup')])
    expect([unknown.code, unknown.error]).toEqual([1, expect.stringContaining('--force')])
  })

  test('says so when it cannot be finished', async () => {
    const nowhere = await restore('--from', journey.stack.settings.Backups ?? '', '--to', 'http://127.0.0.1:1/')

    expect([nowhere.code, nowhere.error]).toEqual([1, expect.stringContaining('--into-existing')])
  })
})
