import { describe, expect, test } from 'vitest'
import type { FileTransferId } from '../../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../../src/domain/organizationNumber.js'
import type { Caller } from '../../../src/usecases/ports/access.js'
import { brokenOff, callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, request, sender } from '../../support/samples.js'
import { good, tusClient } from '../../support/tus.js'

const CLIENT = 'a-client-of-its-own'
/** A caller by a client that no preparation has used. */
const by = (organization: OrganizationNumber): Caller => ({
  ...callerFor(organization),
  claims: { client_id: CLIENT, sid: 'a-session', pid: '01019012345' },
})
const tusBy = (world: World, id: FileTransferId) => tusClient(world.broker, id, { ...by(sender), isExpired: false })
const sent = (content = 'hello') => uploadOf(content)

type Row = [string, (world: World) => Promise<FileTransferId>, (world: World, id: FileTransferId) => Promise<unknown>]

const asSender: Row[] = [
  ['an upload', (world) => world.begin(), ({ broker }, id) => broker.uploadFile(by(sender), id, sent())],
  [
    'an upload that is broken off',
    (world) => world.begin(),
    ({ broker }, id) => broker.uploadFile(by(sender), id, { body: brokenOff('hel'), declaredBytes: 5 }),
  ],
  [
    'an upload with a wrong checksum',
    (world) => world.begin({ checksum: '0'.repeat(32) }),
    ({ broker }, id) => broker.uploadFile(by(sender), id, sent()),
  ],
  [
    'an upload that is published at once',
    (world) => world.begin({ disableVirusScan: true }),
    ({ broker }, id) => broker.uploadFile(by(sender), id, sent()),
  ],
  ['an upload link', (world) => world.begin(), ({ broker }, id) => broker.createUploadLink(by(sender), id)],
  [
    'the end of an upload by link',
    (world) => world.linked(),
    ({ broker }, id) => broker.completeLinkedUpload(by(sender), id),
  ],
  ['a cancellation', (world) => world.begin(), ({ broker }, id) => broker.cancelFileTransfer(by(sender), id)],
  ['a TUS upload that begins', (world) => world.begin(), (world, id) => tusBy(world, id).create(5)],
  [
    'a whole TUS upload',
    (world) => world.begin(),
    async (world, id) => {
      good(await tusBy(world, id).create(5))
      good(await tusBy(world, id).patch(0, 'hello'))
    },
  ],
  [
    'a TUS upload that is ended',
    (world) => world.begin(),
    async (world, id) => {
      good(await tusBy(world, id).create(5))
      good(await tusBy(world, id).end())
    },
  ],
]
const asKari: Row[] = [
  ['a download', (world) => world.published(), ({ broker }, id) => broker.downloadFile(by(kari), id, undefined)],
  ['a download link', (world) => world.published(), ({ broker }, id) => broker.createDownloadLink(by(kari), id)],
  [
    'the last confirmation',
    async (world) => {
      const id = await world.published({ recipients: [kari] })
      await world.broker.downloadFile(callerFor(kari), id, undefined)
      return id
    },
    ({ broker }, id) => broker.confirmDownload(by(kari), id),
  ],
]
const rows = [
  ...asSender.map(([name, prepare, act]) => [name, sender, prepare, act] as const),
  ...asKari.map(([name, prepare, act]) => [name, kari, prepare, act] as const),
]

describe('a fact says who caused it', () => {
  test.each(rows)('%s', async (_, organization, prepare, act) => {
    const world = await memoryWorld()
    const id = await prepare(world)
    const before = (await world.factsOf(id)).length
    world.log.length = 0

    await act(world, id)
    await world.broker.settled()

    const facts = (await world.factsOf(id)).slice(before)
    expect(facts.length).toBeGreaterThan(0)
    expect(facts.map((fact) => fact.by)).toEqual(facts.map(() => ({ organization, clientId: CLIENT })))
    const lines = world.log.filter(({ details }) => 'sequence' in details)
    expect(lines.map(({ details }) => [details.by, details.clientId])).toEqual(facts.map(() => [organization, CLIENT]))
    expect(JSON.stringify([facts, world.log])).not.toMatch(/01019012345|a-session/)
  })

  test('an initialize', async () => {
    const world = await memoryWorld()
    const begun = await world.broker.initializeAndUpload(by(sender), request(), sent(), 'a key')

    const facts = begun.ok ? await world.factsOf(begun.value) : []
    expect(new Set(facts.map(({ type, by }) => `${type} ${by?.clientId}`))).toEqual(
      new Set(['Initialized', 'UploadStarted', 'UploadCompleted', 'UploadChecked'].map((type) => `${type} ${CLIENT}`)),
    )
  })

  test('also where a message finishes what a caller has sent', async () => {
    const world = await memoryWorld()
    const id = await world.begin({ disableVirusScan: true })
    const dying = world.start(({ blocks }) => ({
      blocks: { ...blocks, commit: () => Promise.reject(new Error('down')) },
    }))
    const client = tusClient(dying, id, { ...by(sender), isExpired: false })
    good(await client.create(5))
    good(await client.patch(0, 'hello'))
    await dying.settled()

    world.advance(60)
    await world.work()

    const published = (await world.factsOf(id)).find(({ type }) => type === 'Published')
    expect(published?.by).toEqual({ organization: sender, clientId: CLIENT })
  })

  test('but timers and the scanner are nobody', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    const before = (await world.factsOf(id)).length
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    world.advance(31 * 86_400)
    await world.broker.expireDue()
    await world.work()

    const facts = (await world.factsOf(id)).slice(before)
    expect(facts.map(({ type }) => type)).toEqual(['ScanVerdictRecorded', 'Published', 'Purged'])
    expect(facts.filter((fact) => 'by' in fact)).toEqual([])
  })
})
