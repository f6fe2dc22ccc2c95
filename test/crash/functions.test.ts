import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DeadlineKind } from '../../src/domain/fileTransfer/state.js'
import { blobLocation } from '../../src/usecases/commit/blobLocation.js'
import type { DueRow } from '../../src/usecases/ports/outbox.js'
import { crashAtEveryCall, type Row } from '../support/crashAtEveryCall.js'
import { crashStack, type World } from '../support/crashStack.js'
import { type Story, scanEvent, story } from '../support/crashStory.js'
import { bytesOf } from '../support/memoryBroker.js'
import { anyOrganization, anyOrganizations } from '../support/samples.js'

const DAY = 86_400
const scanned = { disableVirusScan: false }

/** A story whose file the scanner has looked at. */
async function scan(world: World, told: Story, result: 'Clean' | 'Malicious') {
  const id = await told.store()
  await world.stores.messages.enqueueScanResults([await scanEvent(world, told.transfer(), told.attemptId, result)])
  return id
}

const dueRows = new Map<string, DueRow>()

/** A story of which a deadline has come. */
async function overdue(told: Story, kind: DeadlineKind) {
  const id = await told.store()
  const deadline = told.transfer().deadlines.find((each) => each.kind === kind)
  if (!deadline) throw new Error(`There is no ${kind}.`)
  dueRows.set(id, { ...deadline, fileTransferId: id, tries: 0, since: told.transfer().createdAt })
  return id
}

/** The message of the deadline is lost: its row alone brings it back. */
const applyDeadline: Row['act'] = async ({ broker, id }) => {
  const row = dueRows.get(id)
  if (row) await broker.doDeferredWork({ work: 'meetDeadline', row })
}

/** The first of two reminders has been sent. */
const isReminded: Row['where'] = ({ reminders = [], status }) => (reminders.length === 1 ? 'Reminded' : status)

const rows: Row[] = [
  {
    name: 'the check of an upload that is not scanned',
    prepare: async (world, label) => {
      const told = await story(world, label).unread()
      const id = await told.store()
      await world.stores.messages.checkUpload({ fileTransferId: id, attemptId: told.attemptId, sequence: 3 })
      return id
    },
    act: 'uploadProcessing',
    done: 'Published',
    orElse: [],
  },
  {
    name: 'the check of an upload that is scanned',
    prepare: async (world, label) => {
      const told = await story(world, label, scanned).unread()
      const id = await told.store()
      await world.stores.messages.checkUpload({ fileTransferId: id, attemptId: told.attemptId, sequence: 3 })
      return id
    },
    act: 'uploadProcessing',
    where: (transfer) => ('isChecked' in transfer && transfer.isChecked ? 'Checked' : transfer.status),
    done: 'Checked',
    orElse: [],
  },
  {
    name: 'a scan that finds nothing',
    prepare: async (world, label) => scan(world, await story(world, label, scanned).uploaded(), 'Clean'),
    act: 'malwareScanResults',
    done: 'Published',
    orElse: [],
  },
  {
    name: 'a scan that finds something',
    prepare: async (world, label) => scan(world, await story(world, label, scanned).uploaded(), 'Malicious'),
    act: 'malwareScanResults',
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'a scan that finds something in a published file',
    prepare: async (world, label) =>
      scan(world, (await story(world, label, scanned).uploaded()).judgedClean(), 'Malicious'),
    act: 'malwareScanResults',
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'a scan that finds something in a file that all have confirmed',
    prepare: async (world, label) => {
      const told = (await story(world, label, scanned).uploaded()).judgedClean()
      return scan(world, told.downloaded(world.kari).confirmed(world.kari), 'Malicious')
    },
    act: 'malwareScanResults',
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'a scan that finds something in a file for very many recipients',
    prepare: async (world, label) => {
      const recipients = [world.kari, ...anyOrganizations(27)]
      const told = (await story(world, label, { ...scanned, recipients }).uploaded()).judgedClean()
      return scan(world, told, 'Malicious')
    },
    act: 'malwareScanResults',
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'a scan that is earlier than the end of the upload',
    prepare: async (world, label) => scan(world, await story(world, label, scanned).written(), 'Clean'),
    act: 'malwareScanResults',
    where: (transfer) => ('attempts' in transfer && transfer.attempts[0]?.verdict ? 'Judged' : transfer.status),
    done: 'Judged',
    orElse: [],
  },
  {
    name: 'an expiry of what nobody confirmed',
    prepare: async (world, label) => overdue(await story(world, label, { secondsAgo: 31 * DAY }).uploaded(), 'expire'),
    act: applyDeadline,
    done: 'Purged',
    orElse: [],
  },
  {
    name: 'a purge after the last confirmation',
    prepare: async (world, label) => {
      const told = await story(world, label, { secondsAgo: 3 * 3600 }).uploaded()
      return overdue(told.downloaded(world.kari).confirmed(world.kari), 'purge')
    },
    act: applyDeadline,
    done: 'Purged',
    orElse: [],
  },
  {
    name: 'the check of an upload whose recipients are to be reminded',
    prepare: async (world, label) => {
      const told = await story(world, label, { reminders: [DAY, -DAY] }).unread()
      const id = await told.store()
      await world.stores.messages.checkUpload({ fileTransferId: id, attemptId: told.attemptId, sequence: 3 })
      return id
    },
    act: 'uploadProcessing',
    where: (transfer) => (transfer.deadlines.some(({ kind }) => kind === 'remind') ? transfer.status : undefined),
    done: 'Published',
    orElse: [],
  },
  {
    name: 'a reminder of those who have not confirmed',
    prepare: async (world, label) => {
      const asked = { recipients: [world.kari, world.ola], reminders: [3600, -DAY], secondsAgo: DAY }
      const told = await story(world, label, asked).uploaded()
      return overdue(told.downloaded(world.kari).confirmed(world.kari), 'remind')
    },
    act: applyDeadline,
    where: isReminded,
    done: 'Reminded',
    orElse: [],
  },
  {
    name: 'a reminder of very many',
    prepare: async (world, label) => {
      const recipients = [world.kari, ...anyOrganizations(27)]
      const asked = { recipients, reminders: [3600, -DAY], secondsAgo: DAY }
      return overdue(await story(world, label, asked).uploaded(), 'remind')
    },
    act: applyDeadline,
    where: isReminded,
    done: 'Reminded',
    orElse: [],
  },
  {
    name: 'the end of an upload that nobody goes on with',
    prepare: async (world, label) =>
      overdue(await story(world, label, { secondsAgo: 2 * DAY }).written(), 'uploadIdle'),
    act: applyDeadline,
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'the end of a scan that gives no result',
    prepare: async (world, label) => {
      const told = await story(world, label, { ...scanned, secondsAgo: 2 * 3600 }).uploaded()
      return overdue(told, 'scanOverdue')
    },
    act: applyDeadline,
    done: 'Failed',
    orElse: [],
  },
  {
    name: 'an upload that nobody has looked at for long',
    prepare: async (world, label) =>
      overdue(await story(world, label, { secondsAgo: 600 }).unread(), 'processingOverdue'),
    act: applyDeadline,
    done: 'Published',
    orElse: [],
  },
  {
    name: 'the day when a transfer leaves the searches',
    prepare: async (world, label) => overdue(story(world, label, { secondsAgo: 400 * DAY }).purged(), 'unlist'),
    act: applyDeadline,
    where: (transfer) => ('isUnlisted' in transfer ? 'Unlisted' : transfer.status),
    done: 'Unlisted',
    orElse: [],
  },
  {
    name: 'the day when a transfer is forgotten',
    prepare: async (world, label) => overdue(story(world, label, { secondsAgo: 800 * DAY }).purged(), 'forget'),
    act: applyDeadline,
    done: undefined,
    orElse: [],
  },
  {
    name: 'the hour of a deadline',
    prepare: async (world, label) => (await story(world, label, { secondsAgo: 31 * DAY }).uploaded()).store(),
    act: ({ broker }) => broker.expireDue(),
    isAlone: true,
    done: 'Purged',
    orElse: [],
  },
  {
    name: 'a repair',
    prepare: async (world, label) => {
      const told = await story(world, label).uploaded()
      const id = await told.store({ untold: 5, isHidden: true })
      await world.stores.outbox.add({ changeId: told.changeId, fileTransferId: id, first: 1 }, [])
      world.advance(60)
      return id
    },
    act: ({ broker }) => broker.resumeCommittedChanges(),
    isAlone: true,
    done: 'Published',
    orElse: [],
  },
  {
    name: 'a repair of what releases a file',
    prepare: async (world, label) => {
      const told = (await story(world, label).written()).cancelled()
      const id = await told.store({ untold: 1, isHidden: true })
      await world.stores.outbox.add({ changeId: told.changeId, fileTransferId: id, first: 3 }, [])
      world.advance(60)
      return id
    },
    act: ({ broker }) => broker.resumeCommittedChanges(),
    isAlone: true,
    done: 'Cancelled',
    orElse: [],
  },
  {
    name: 'telling who is owed an event',
    prepare: async (world, label) => {
      const id = await (await story(world, label).uploaded()).store({ untold: 1, isRecorded: true })
      await world.stores.messages.notifyOfChange({ fileTransferId: id, told: [5], counted: [] })
      return id
    },
    act: 'altinnEvents',
    done: 'Published',
    orElse: [],
  },
  {
    name: 'telling an event',
    prepare: async (world, label) => {
      const sender = anyOrganization() // nobody has asked for its party before
      const id = await story(world, label, { sender }).store({ untold: 1, isRecorded: true })
      const type = 'filetransferinitialized' as const
      const event = {
        type,
        fileTransferId: id,
        resourceId: world.resource.id,
        sequence: 1,
        at: world.clock.now,
        actor: { organization: sender, role: 'Sender' as const },
      }
      await world.stores.messages.deliver([{ id: randomUUID(), event }])
      return id
    },
    act: 'eventDelivery',
    done: 'Initialized',
    orElse: [],
  },
  {
    name: 'showing a transfer in the searches',
    prepare: async (world, label) => {
      const id = await story(world, label).store({ isHidden: true })
      await world.stores.messages.project(id, 1)
      return id
    },
    act: 'due',
    done: 'Initialized',
    orElse: [],
  },
  {
    name: 'the removal of a transfer of a use-case test',
    resourceId: 'bruksmonster-broker',
    isSwept: true,
    prepare: async (world, label) => {
      const id = await (await story(world, label).uploaded()).store()
      await world.stores.messages.removeFileTransfers([id], randomUUID())
      return id
    },
    act: 'due',
    done: undefined,
    orElse: [],
  },
  {
    name: 'the sweep of the files that nobody holds',
    prepare: async (world, label) => {
      await world.sweep(world.recovering.broker)
      const told = await story(world, label).uploaded()
      const orphan = { ...blobLocation(told.transfer(), told.attemptId), attemptId: randomUUID() }
      await world.stores.blobs.write(orphan, bytesOf('x'), {
        maxBytes: 1,
        expectedBytes: 1,
        accept: () => true,
      })
      return told.store()
    },
    act: ({ world, broker }) => world.sweep(broker),
    isAlone: true,
    isSwept: true,
    done: 'Published',
    orElse: [],
  },
]

const makeWorld = crashStack()

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test.each(rows)('leaves a consistent state after $name', async (row) => {
    expect(await crashAtEveryCall(makeWorld, row)).toBeGreaterThan(0)
  })
})
