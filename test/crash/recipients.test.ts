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

const withdraw = ({ world, broker, id }: Scene) =>
  broker.cancelFileTransfer(callerFor(world.sender), id, 'The wrong file')

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
