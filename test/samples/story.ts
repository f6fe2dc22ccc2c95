import { randomUUID } from 'node:crypto'
import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { z } from 'zod'
import { altinnParties } from '../../src/adapters/altinn/register.js'
import { tableStatistics } from '../../src/adapters/tables/tableStatistics.js'
import { tables } from '../../src/config.js'
import type { EncryptionKey } from '../../src/domain/encryptionKey.js'
import type { InitializeRequest } from '../../src/domain/fileTransfer/initialize.js'
import { linkedAttempt } from '../../src/domain/fileTransfer/links.js'
import type { FileTransferId } from '../../src/domain/fileTransfer/state.js'
import { newResource } from '../../src/domain/resource.js'
import { blobLocation } from '../../src/usecases/commit/blobLocation.js'
import { AGE_KEY, OTHER_AGE_KEY } from '../support/ageKeys.js'
import type { World } from '../support/crashStack.js'
import { CONTENT, requestOf, scanEvent } from '../support/crashStory.js'
import { faultInjector } from '../support/faultyClients.js'
import { brokenOff, bytesOf, callerFor, uploadOf } from '../support/memoryBroker.js'
import type { Queue } from '../support/messagePump.js'
import { anyOrganization, anyOrganizations } from '../support/samples.js'
import { good, tusCaller, tusClient } from '../support/tus.js'

// What a release writes: transfers that have come to every status by every fact, and what lies in the tables then.
// Azurite and the local Service Bus hold it; nothing is made up but the parts of a day that the calls of a test would
// not come to.

/** A row as the table service has it: what is no text with its type. */
export type SampleRow = Record<string, unknown>
/** A message as it arrives. */
export type SampleMessage = { messageId: string; body: unknown; applicationProperties: Record<string, unknown> }
export type Samples = { tables: Record<string, SampleRow[]>; messages: Record<string, SampleMessage[]> }

const DAY = 86_400
const scanned = { disableVirusScan: false }

/** Plays it all in an empty world. */
export async function playStory(world: World): Promise<Samples> {
  const { broker, settled } = world.recovering
  const { stores, sender, kari, ola } = world
  const messages: Samples['messages'] = {}
  /** One message of each shape is enough. */
  const seen = (queue: Queue, { messageId, body, applicationProperties = {} }: ServiceBusReceivedMessage) => {
    const arrived = { messageId: String(messageId), body, applicationProperties }
    const known = messages[queue] ?? []
    if (!known.some((each) => shapeOf(each) === shapeOf(arrived))) messages[queue] = [...known, arrived]
  }
  const work = async (by = world.recovering) => {
    await by.settled()
    await world.pump.empty(by.broker, by.settled, seen)
  }
  const by = callerFor(sender)
  const begun = async (label: string, asked: Partial<InitializeRequest> = {}, key?: string) =>
    good(await broker.initializeFileTransfer(by, requestOf(world, label, { recipients: [kari, ola], ...asked }), key))
  const uploaded = async (label: string, asked: Partial<InitializeRequest> = {}) => {
    const id = await begun(label, asked)
    await broker.uploadFile(by, id, uploadOf(CONTENT))
    return id
  }
  const confirmedBy = async (id: FileTransferId, organization: typeof kari) => {
    const { source } = good(await broker.downloadFile(callerFor(organization), id, undefined))
    await Array.fromAsync(source.bytes)
    good(await broker.confirmDownload(callerFor(organization), id))
  }
  const scan = async (id: FileTransferId, result: 'Clean' | 'Malicious') => {
    const { transfer } = (await stores.transfers.read(id)) ?? {}
    if (!transfer || !('file' in transfer) || !transfer.file) throw new Error(`There is no file of ${id}.`)
    await broker.receiveScanResults([await scanEvent(world, transfer, transfer.file.attemptId, result)])
    await work()
  }
  const pass = async (seconds: number) => {
    world.advance(seconds)
    await broker.expireDue()
    await work()
  }

  // Long ago: one is over and in no search any more, and one was never fetched.
  await confirmedBy(await uploaded('purged after the last confirmation'), kari)
  await stores.resources.save(newResource('bruksmonster-broker', world.owner), undefined)
  await begun('of a use-case test', { resourceId: 'bruksmonster-broker' })
  await work()

  // In another search partition than the first, which the process uses when it has known of it for ten seconds.
  await stores.resources.save({ ...newResource('bruksmonster-broker-2', world.owner), searchPartitions: 2 }, undefined)
  const spread = async () => {
    const id = await begun('spread', { resourceId: 'bruksmonster-broker-2' })
    return (await stores.transfers.read(id))?.transfer.searchPartition
  }
  await spread()
  world.advance(10)
  while ((await spread()) === undefined);

  await pass(31 * DAY)
  await pass(366 * DAY)
  await uploaded('never fetched')
  await pass(31 * DAY)
  await broker.cleanUpUseCaseTests(0)
  await work()

  // One whose recipients were reminded, and are to be again.
  await stores.resources.save(
    { ...newResource('bruksmonster-broker-3', world.owner), reminders: [DAY, -DAY] },
    undefined,
  )
  await uploaded('reminded', { resourceId: 'bruksmonster-broker-3' })
  await pass(DAY)

  // An upload in pieces that goes on when its deadline comes, beside one in parts that are not joined yet.
  const slow = tusClient(broker, await begun('in pieces', { propertyList: { key: 'æ' } }), tusCaller(sender))
  good(await slow.create(CONTENT.length))
  world.advance(20 * 3600)
  good(await slow.patch(0, 'he'))
  await pass(5 * 3600)
  good(await slow.patch(2, 'llo'))
  const parts = tusClient(broker, await begun('in parts'), tusCaller(sender))
  good(await parts.patch(0, 'he', good(await parts.create(2, { kind: 'part' })).id))
  const joined = tusClient(broker, await begun('in parts, joined'), tusCaller(sender))
  const halves = [good(await joined.create(2, { kind: 'part' })).id, good(await joined.create(3, { kind: 'part' })).id]
  for (const [at, half] of halves.entries()) good(await joined.patch(0, ['he', 'llo'][at] ?? '', half))
  const left = tusClient(broker, await begun('in pieces, left'), tusCaller(sender))
  good(await left.create(CONTENT.length))
  good(await left.end())

  // By a link, whose file is put there beside the app.
  const linked = await begun('by a link')
  good(await broker.createUploadLink(by, linked))
  const { transfer } = (await stores.transfers.read(linked)) ?? {}
  const attempt = transfer && linkedAttempt(transfer)
  if (!attempt) throw new Error('There is no link.')
  await stores.blobs.write(blobLocation(transfer, attempt.id), bytesOf(CONTENT), {
    maxBytes: 100,
    expectedBytes: undefined,
    accept: () => true,
  })
  good(await broker.completeLinkedUpload(by, linked))
  good(await broker.createUploadLink(by, await begun('by a link, not yet')))

  const { fileName, checksum, ...shared } = requestOf(world, 'several files', { recipients: [kari, ola] })
  const together = {
    ...shared,
    files: [
      { fileName, checksum },
      { fileName, checksum },
    ],
  }
  good(await broker.initializeFileTransferGroup(by, together, 'several files'))

  const [ofKari, ofOla] = [AGE_KEY, OTHER_AGE_KEY] as EncryptionKey[]
  good(await broker.publishEncryptionKey(callerFor(kari), world.resource.id, ofKari))
  good(await broker.publishEncryptionKey(callerFor(ola), world.resource.id, ofOla))
  await uploaded('encrypted', { encryption: 'age' })

  // Every other end, and every scan.
  await begun('for many', { recipients: anyOrganizations(30) })
  await uploaded('not as promised', { checksum: '0'.repeat(32) })
  await broker.uploadFile(by, await begun('cut off'), { body: brokenOff('he'), declaredBytes: 5 }).catch(() => {})
  good(await broker.cancelFileTransfer(by, await begun('called off')))
  await scan(await uploaded('malware', scanned), 'Malicious')
  const withdrawn = await uploaded('malware, found later', scanned)
  await scan(withdrawn, 'Clean')
  await scan(withdrawn, 'Malicious')
  const clean = await uploaded('clean', scanned)
  await scan(clean, 'Clean')
  await confirmedBy(clean, kari)
  const closed = await uploaded('confirmed by all')
  await confirmedBy(closed, kari)
  await confirmedBy(closed, ola)
  good(await broker.cancelFileTransfer(by, await uploaded('withdrawn by its sender'), 'The wrong file'))
  const shortened = await uploaded('shortened')
  good(await broker.changeExpiry(by, shortened, new Date(world.clock.now.getTime() + 20 * DAY * 1000)))
  await uploaded('not scanned for long', scanned)
  world.advance(901)
  await broker.maintain()
  await work()
  await uploaded('not scanned yet', scanned)
  await broker.maintain()
  await work()

  // Altinn does not answer, so that an event waits for its next try; then what is in no hurry is left where it lies.
  const many = await begun('while Altinn is down', { recipients: anyOrganizations(30) }, 'a key')
  good(await broker.uploadFile(by, many, uploadOf(CONTENT)))
  await settled()
  await work(
    world.start(faultInjector(), { ...faultInjector(), intercept: () => Promise.reject(new Error('Altinn is down.')) }),
  )
  await work()
  await stores.messages.finishUpload({ fileTransferId: linked, attemptId: attempt.id }, world.clock.now)
  await stores.outbox.add({ fileTransferId: linked, changeId: randomUUID(), first: 2 }, [])
  await tableStatistics(world.clients.table(tables.monthlyStatistics)).recordLateChange('2020-03', world.clock.now)
  const unknown = async () => new Response(null, { status: 404 })
  await altinnParties(unknown, world.clients.table(tables.parties), () => world.clock.now).partyId(anyOrganization())
  good(await joined.join(halves))
  await settled()
  const rows = await rowsOf(world)
  await work()
  const isFew = (row: SampleRow) => [closed, withdrawn].some((id) => String(row.rowKey).endsWith(id))
  return {
    tables: { ...rows, [tables.transfersByActor]: rows[tables.transfersByActor]?.filter(isFew) ?? [] },
    messages,
  }
}

const rowsOf = async (world: World): Promise<Samples['tables']> =>
  Object.fromEntries(
    await Promise.all(
      Object.values(tables).map(async (name) => {
        const listed = world.clients.scan(name).listEntities({ disableTypeConversion: true })
        const rows = await Array.fromAsync(listed)
        return [name, rows.map(({ etag, timestamp, ...row }) => withPlainTexts(row))] as const
      }),
    ),
  )

/** The names in it, and what tells kinds of messages apart. */
const shapeOf = (message: SampleMessage): string =>
  JSON.stringify(message, (name, value) => {
    if (typeof value === 'object' && value !== null) return value
    return ['type', 'role', 'work', 'kind', 'scanResultType', 'eventType'].includes(name) ? value : typeof value
  })

/** Texts as they are, and all else with its type. */
const withPlainTexts = (row: object): SampleRow =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, column]: [string, unknown]) => {
      if (name.startsWith('odata.')) return []
      const { type, value } = z.object({ type: z.string(), value: z.unknown() }).safeParse(column).data ?? {}
      return [[name, type === 'String' ? value : column]]
    }),
  )
