import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { recorded, STATE, stateOf } from '../../src/adapters/tables/tableFileTransferStore.js'
import { tables } from '../../src/config.js'
import { deadlinesWithRow } from '../../src/domain/fileTransfer/deadlines.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { Deadline, Fact, FileTransfer, FileTransferStatus } from '../../src/domain/fileTransfer/state.js'
import { attemptsInUse, recipientsOf, resumableAttempt } from '../../src/domain/fileTransfer/state.js'
import { cloudEvent, eventsToPublish } from '../../src/domain/projections/altinnEvents.js'
import { type SearchRequest, searchQuery } from '../../src/domain/projections/search.js'
import { eventIdOf } from '../../src/usecases/commit/eventIds.js'
import { FOR_EVER, type InboxRow, type World } from './crashStack.js'
import { CONTENT_MD5 } from './crashStory.js'
import { all } from './samples.js'

/** A transfer as it is stored, with all its facts. */
export type Stored = { transfer: FileTransfer; facts: Fact[]; numbers: number[] }

/** All transfers that are stored in a world. */
export async function storedIn({ clients }: World): Promise<Stored[]> {
  const rows = await all(clients.scan(tables.fileTransfers).listEntities())
  const facts = Map.groupBy(
    rows.filter(({ rowKey = '' }) => rowKey < STATE),
    ({ partitionKey }) => partitionKey,
  )
  return rows
    .filter(({ rowKey }) => rowKey === STATE)
    .map((state) => {
      const own = (facts.get(state.partitionKey) ?? []).map(recorded)
      return {
        transfer: stateOf(state),
        facts: own.map(({ fact }) => fact),
        numbers: own.map(({ sequence }) => sequence),
      }
    })
}

/** What is not as it must be when nothing is under way any more, a sentence for each. None: the world is whole. */
export async function flawsOf(world: World, stored: Stored[]): Promise<string[]> {
  const references = stored.map(({ transfer }) => transfer.sendersFileTransferReference)
  const twice = references.filter((each, index) => references.indexOf(each) !== index)
  const each = stored.flatMap((one) => [...flawsOfHistory(one), ...flawsOfEvents(world, one)])
  const marks = (await all(world.stores.outbox.all())).map((mark) => `a mark is left: ${JSON.stringify(mark)}`)
  const lying = world.pump.left().map(([queue, counts]) => `messages are left in ${queue}: ${JSON.stringify(counts)}`)
  return [
    ...each,
    ...twice.map((reference) => `${reference}: two transfers of one request`),
    ...flawsOfStrayEvents(world, stored),
    ...(await flawsOfSearch(world, stored)),
    ...(await flawsOfDeadlines(world, stored)),
    ...(await flawsOfBlobs(world, stored)),
    ...(await flawsOfStrayRows(world, stored)),
    ...(await flawsOfInboxes(world, stored)),
    ...marks,
    ...lying,
  ]
}

const named = ({ sendersFileTransferReference, id }: FileTransfer) => `${sendersFileTransferReference} (${id})`

const before: Record<Fact['type'], FileTransferStatus[]> = {
  Initialized: ['Initialized'],
  UploadStarted: ['Initialized', 'UploadStarted'],
  UploadContinued: ['UploadStarted'],
  UploadLinkGiven: ['UploadStarted'],
  UploadAbandoned: ['UploadStarted'],
  ScanVerdictRecorded: ['UploadStarted', 'UploadProcessing'],
  UploadCompleted: ['UploadStarted'],
  UploadChecked: ['UploadProcessing'],
  UploadFailed: ['UploadStarted', 'UploadProcessing'],
  Published: ['UploadProcessing'],
  FileWithdrawn: ['Published', 'AllConfirmedDownloaded'],
  DownloadStarted: ['Published', 'AllConfirmedDownloaded'],
  DownloadConfirmed: ['Published'],
  DownloadReminded: ['Published'],
  AllConfirmedDownloaded: ['Published'],
  ExpiryChanged: ['Published', 'AllConfirmedDownloaded'],
  Purged: [
    'Initialized',
    'UploadStarted',
    'UploadProcessing',
    'Published',
    'AllConfirmedDownloaded',
    'Failed',
    'Cancelled',
  ],
  Cancelled: ['Initialized', 'UploadStarted', 'UploadProcessing', 'Published'],
  Unlisted: ['Purged'],
}

/** The facts are numbered without gaps, each may follow on those before it, and together they are the state. */
function flawsOfHistory({ transfer, facts, numbers }: Stored): string[] {
  const name = named(transfer)
  const { file, attempts, isChecked, verdict, reason, publishedAt, reminders, withdrawnAt, isUnlisted, ...header } = {
    ...nothing,
    ...transfer,
  }
  const recipients = Object.fromEntries(
    recipientsOf(transfer).map((each) => [each, { status: 'Initialized' as const, changedAt: header.createdAt }]),
  )
  let state: FileTransfer = { ...header, recipients, sequence: 0, deadlines: [], status: 'Initialized' }
  const illegal: string[] = []
  for (const fact of facts) {
    if (!before[fact.type].includes(state.status)) illegal.push(`${name}: ${fact.type} when it was ${state.status}`)
    state = evolveAll(state, [fact])
  }
  const isGapless = numbers.every((number, index) => number === index + 1)
  return [
    ...illegal,
    ...(isGapless ? [] : [`${name}: the facts are ${numbers}`]),
    ...different(`${name}: the state is not what the facts say`, transfer, state),
  ]
}
const nothing = {
  file: 0,
  attempts: 0,
  isChecked: 0,
  verdict: 0,
  reason: 0,
  publishedAt: 0,
  reminders: 0,
  withdrawnAt: 0,
  isUnlisted: 0,
}

/** Altinn Events has every event that the facts owe, with the right receiver, each under one id, and no other. */
function flawsOfEvents({ posted, told }: World, { transfer, facts }: Stored): string[] {
  const known = told.get(transfer.id) ?? 0
  const owed = facts
    .flatMap((fact, index) => (index < known ? [] : eventsToPublish(transfer, fact, index + 1)))
    .map((event) =>
      cloudEvent(
        event,
        '',
        { form: 'party', partyId: `party-of-${event.actor.organization}` },
        'https://platform.example/',
      ),
    )
  const received = posted.filter(({ resourceinstance }) => resourceinstance === transfer.id)
  const byId = new Map(received.map((event) => [event.id, event]))
  const torn = received.filter((event) => !isDeepStrictEqual(byId.get(event.id), event))
  const sorted = (events: object[]) => events.map((event) => JSON.stringify({ ...event, id: '' })).toSorted()
  return [
    ...torn.map(({ id }) => `${named(transfer)}: two events under the id ${id}`),
    ...different(`${named(transfer)}: events`, sorted([...byId.values()]), sorted(owed)),
  ]
}

/**
 * Each event of a recipient is in its inbox, once at least, or was until it was swept up, and the entries are numbered
 * without gaps.
 */
async function flawsOfInboxes({ inboxRows, swept, told }: World, stored: Stored[]): Promise<string[]> {
  const rows = await inboxRows()
  const heads = new Map(rows.filter(({ rowKey }) => rowKey === 'head').map((head) => [head.partitionKey, head]))
  const present = Map.groupBy(
    rows.filter(({ rowKey }) => rowKey !== 'head'),
    ({ partitionKey = '' }) => partitionKey,
  )
  const isRemoved = ({ partitionKey = '', rowKey }: InboxRow) =>
    !present.get(partitionKey)?.some((row) => row.rowKey === rowKey)
  const inboxes = Map.groupBy(
    [...[...swept.values()].filter(isRemoved), ...[...present.values()].flat()],
    ({ partitionKey = '' }) => partitionKey,
  )
  const numberOf = ({ rowKey = '' }: InboxRow) => Number(rowKey.slice(-16))
  const gaps = [...new Set([...heads.keys(), ...inboxes.keys()])].flatMap((organization = '') => {
    const own = inboxes.get(organization) ?? []
    const numbers = own.map(numberOf).toSorted((a, b) => a - b)
    const { last, removed } = { ...heads.get(organization) }
    const isGapless = numbers.every((number, index) => number === index + 1) && last === numbers.length
    const isSweptInOrder = own.every((row) => numberOf(row) <= Number(removed) === isRemoved(row))
    return isGapless && isSweptInOrder ? [] : [`the inbox of ${organization}, ${removed} to ${last}: ${numbers}`]
  })
  const missing = stored.flatMap(({ transfer, facts }) =>
    facts
      .flatMap((fact, index) =>
        index < (told.get(transfer.id) ?? 0) ? [] : eventsToPublish(transfer, fact, index + 1),
      )
      .filter(({ actor }) => actor.role === 'Recipient')
      .filter((event) => !inboxes.get(event.actor.organization)?.some(({ eventId }) => eventId === eventIdOf(event)))
      .map(({ type, actor }) => `${named(transfer)}: ${type} is not in the inbox of ${actor.organization}`),
  )
  return [...gaps, ...missing]
}

const flawsOfStrayEvents = ({ posted }: World, stored: Stored[]) =>
  posted
    .filter(({ resourceinstance }) => !stored.some(({ transfer }) => transfer.id === resourceinstance))
    .map(({ type, resourceinstance }) => `an event ${type} is about no transfer: ${resourceinstance}`)

/** Sender and recipients find every transfer as it is, and nothing else. */
async function flawsOfSearch(world: World, stored: Stored[]): Promise<string[]> {
  const transfers = stored.map(({ transfer }) => transfer).filter((each) => !('isUnlisted' in each))
  const statuses = [undefined, ...new Set(stored.flatMap((one) => passedThrough(one)))]
  const own = [undefined, 'Initialized', 'DownloadStarted', 'DownloadConfirmed'] as const
  const flaws: string[] = []
  for (const status of statuses) {
    const ofStatus = transfers.filter((each) => status === undefined || each.status === status)
    const bySender = await found(world, { role: 'Sender', status }, world.sender)
    flaws.push(
      ...different(
        `the sender's search for ${status}`,
        bySender,
        idsOf(ofStatus.filter(({ sender }) => sender === world.sender)),
      ),
    )
    for (const recipient of [world.kari, world.ola]) {
      for (const recipientStatus of own) {
        const expected = ofStatus.filter(({ recipients: { [recipient]: mine } }) =>
          recipientStatus ? mine?.status === recipientStatus : mine !== undefined,
        )
        const byRecipient = await found(world, { role: 'Recipient', status, recipientStatus }, recipient)
        const what = `the search of ${recipient === world.kari ? 'Kari' : 'Ola'} for ${status} and ${recipientStatus}`
        flaws.push(...different(what, byRecipient, idsOf(expected)))
      }
    }
  }
  return flaws
}

const idsOf = (transfers: FileTransfer[]) => transfers.map(named).toSorted()

async function found(world: World, request: Omit<SearchRequest, 'resourceId'>, party: World['sender']) {
  const query = { ...searchQuery({ ...request, resourceId: world.resource.id }, party), partitions: 8 }
  const ids: string[] = []
  let page = await world.stores.searchIndex.search(query, undefined, 500)
  for (; ; page = await world.stores.searchIndex.search(query, page.next, 500)) {
    ids.push(...page.ids)
    if (!page.next) return ids.map((id) => `${world.labels.get(id) ?? '?'} (${id})`).toSorted()
  }
}

function passedThrough({ transfer, facts }: Stored): FileTransferStatus[] {
  const statusOf: Partial<Record<Fact['type'], FileTransferStatus>> = {
    UploadCompleted: 'UploadProcessing',
    UploadFailed: 'Failed',
  }
  return [transfer.status, ...facts.flatMap(({ type }) => statusOf[type] ?? (type in before ? asStatus(type) : []))]
}

const asStatus = (type: Fact['type']): FileTransferStatus[] =>
  type === 'Initialized' ||
  type === 'UploadStarted' ||
  type === 'Published' ||
  type === 'AllConfirmedDownloaded' ||
  type === 'Purged' ||
  type === 'Cancelled'
    ? [type]
    : []

/**
 * The deadlines that wait for their time are in force, and the first in force waits. A warning that has been given is
 * over, whatever the state says. A try that was cut off may have left the same deadline for another time: it goes when
 * that has come.
 */
async function flawsOfDeadlines({ stores, clock, later }: World, stored: Stored[]): Promise<string[]> {
  const isOver = ({ kind, at }: Deadline) => kind === 'scanWarning' && at <= clock.now
  const text = (id: string, { kind, sequence }: Deadline) => `${id} ${kind} ${sequence}`
  const rows = await all(stores.due.dueBy(later(FOR_EVER)))
  const waiting = rows.filter((row) => !isOver(row)).map((row) => text(row.fileTransferId, row))
  const inForce = stored.flatMap(({ transfer: { id, deadlines } }) => deadlines.map((each) => text(id, each)))
  const first = stored.flatMap(({ transfer: { id, deadlines } }) =>
    deadlinesWithRow(deadlines, clock.now)
      .filter((each) => !isOver(each))
      .map((each) => text(id, each)),
  )
  return [
    ...waiting.filter((each) => !inForce.includes(each)).map((each) => `a deadline that is not in force: ${each}`),
    ...first.filter((each) => !waiting.includes(each)).map((each) => `a deadline that has no row: ${each}`),
  ]
}

/** What a transfer holds is there as it was sent, and nothing lies about that nobody holds. */
async function flawsOfBlobs({ clients, owner }: World, stored: Stored[]): Promise<string[]> {
  const flaws: string[] = []
  const lying = new Map<string, string>()
  for (const account of [clients.scanned, clients.unscanned]) {
    const container = account.getContainerClient(`serviceowner-${owner}`)
    for await (const { name, properties } of container.listBlobsFlat()) {
      const md5 =
        properties.contentMD5 ??
        createHash('md5')
          .update(await container.getBlobClient(name).downloadToBuffer())
          .digest()
      lying.set(name, Buffer.from(md5).toString('hex'))
    }
  }
  for (const { transfer } of stored) {
    for (const attemptId of attemptsInUse(transfer)) {
      const path = `${transfer.id}/${attemptId}`
      const mayBeMissing = transfer.status === 'UploadStarted'
      const md5 = lying.get(path) ?? (mayBeMissing ? CONTENT_MD5 : 'nothing')
      if (md5 !== CONTENT_MD5) flaws.push(`${named(transfer)}: the file is ${md5}`)
      lying.delete(path)
    }
    const underWay = resumableAttempt(transfer)
    for (const path of lying.keys()) if (path.startsWith(`${transfer.id}/${underWay?.id}.tails/`)) lying.delete(path)
  }
  return [...flaws, ...[...lying.keys()].map((path) => `a file that nobody holds: ${path}`)]
}

/** Facts without a state belong to nobody. */
async function flawsOfStrayRows({ clients }: World, stored: Stored[]): Promise<string[]> {
  const rows = await all(
    clients.scan(tables.fileTransfers).listEntities({ queryOptions: { select: ['PartitionKey', 'RowKey'] } }),
  )
  return rows
    .filter(({ partitionKey }) => !stored.some(({ transfer }) => transfer.id === partitionKey))
    .map(({ partitionKey, rowKey }) => `a row of no transfer: ${partitionKey} ${rowKey}`)
}

function different(what: string, actual: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(actual, expected)) return []
  if (!Array.isArray(actual) || !Array.isArray(expected)) {
    return [`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`]
  }
  const more = actual.filter((each) => !expected.includes(each))
  const missing = expected.filter((each) => !actual.includes(each))
  return [`${what}: too many ${JSON.stringify(more)}, missing ${JSON.stringify(missing)}`]
}
