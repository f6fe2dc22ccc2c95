import { describe, expect, test } from 'vitest'
import { crashAtEveryCall, type Row, type Scene } from '../support/crashAtEveryCall.js'
import { crashStack } from '../support/crashStack.js'
import { story } from '../support/crashStory.js'
import { callerFor } from '../support/memoryBroker.js'

const confirm = ({ world, broker, id }: Scene) => broker.confirmDownload(callerFor(world.kari), id)
const download = async ({ world, broker, id }: Scene) => {
  const opened = await broker.downloadFile(callerFor(world.kari), id, undefined)
  if (opened.ok) await Array.fromAsync(opened.value.source.bytes)
  return opened
}
const ownStatus: Row['where'] = ({ recipients }, { kari }) => recipients[kari]?.status
const cancel = ({ world, broker, id }: Scene) => broker.cancelFileTransfer(callerFor(world.sender), id)

const DAY_MS = 86_400_000
const withdraw = ({ world, broker, id }: Scene) =>
  broker.cancelFileTransfer(callerFor(world.sender), id, 'The wrong file')

const expiryAfter =
  (days: number) =>
  async ({ world, broker, id }: Scene) => {
    const { createdAt } = (await world.stores.transfers.read(id))?.transfer ?? {}
    if (!createdAt) throw new Error(`${id} is not there.`)
    return broker.changeExpiry(callerFor(world.sender), id, new Date(createdAt.getTime() + days * DAY_MS))
  }
const isMoved: Row['where'] = ({ status, createdAt, expirationTime }) =>
  expirationTime.getTime() === createdAt.getTime() + 30 * DAY_MS ? status : 'Moved'

const rows: Row[] = [
  {
    name: 'a download',
    prepare: async (world, label) => (await story(world, label).uploaded()).store(),
    act: download,
    where: ownStatus,
    done: 'DownloadStarted',
    orElse: ['Initialized'],
    again: download,
  },
  {
    name: 'the first confirmation',
    prepare: async (world, label) => {
      const told = await story(world, label, { recipients: [world.kari, world.ola] }).uploaded()
      return told.downloaded(world.kari).store()
    },
    act: confirm,
    where: ownStatus,
    done: 'DownloadConfirmed',
    orElse: ['DownloadStarted'],
    again: confirm,
  },
  {
    name: 'the last confirmation',
    prepare: async (world, label) => (await story(world, label).uploaded()).downloaded(world.kari).store(),
    act: confirm,
    done: 'AllConfirmedDownloaded',
    orElse: ['Published'],
    again: confirm,
  },
  {
    name: 'a cancellation',
    prepare: async (world, label) => (await story(world, label).written()).store(),
    act: cancel,
    done: 'Cancelled',
    orElse: ['UploadStarted'],
    again: cancel,
  },
  {
    name: 'a cancellation after the upload',
    prepare: async (world, label) => (await story(world, label, { disableVirusScan: false }).uploaded()).store(),
    act: cancel,
    done: 'Cancelled',
    orElse: ['UploadProcessing'],
    again: cancel,
  },
  {
    name: 'an expiry that is shortened',
    prepare: async (world, label) => {
      const told = await story(world, label, { recipients: [world.kari, world.ola] }).uploaded()
      return told.downloaded(world.kari).store()
    },
    act: expiryAfter(20),
    where: isMoved,
    done: 'Moved',
    orElse: ['Published'],
    again: expiryAfter(20),
  },
  {
    name: 'an expiry that is lengthened when it is due',
    prepare: async (world, label) => {
      const { resources } = world.stores
      const stored = await resources.read(world.resource.id)
      if (stored && !stored.resource.maxTimeToLiveSeconds)
        await resources.save({ ...stored.resource, maxTimeToLiveSeconds: 90 * 86_400 }, stored.version)
      return (await story(world, label, { secondsAgo: 30 * 86_400 }).uploaded()).store()
    },
    act: expiryAfter(60),
    where: isMoved,
    done: 'Moved',
    orElse: ['Published', 'Purged'],
  },
  {
    name: 'a withdrawal',
    prepare: async (world, label) => {
      const told = await story(world, label, { recipients: [world.kari, world.ola] }).uploaded()
      return told.downloaded(world.kari).store()
    },
    act: withdraw,
    done: 'Cancelled',
    orElse: ['Published'],
    again: withdraw,
  },
]

const makeWorld = crashStack()

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test.each(rows)('leaves a consistent state after $name', async (row) => {
    expect(await crashAtEveryCall(makeWorld, row)).toBeGreaterThan(0)
  })
})
