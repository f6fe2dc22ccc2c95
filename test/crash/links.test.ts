import { describe, expect, test } from 'vitest'
import { linkedAttempt } from '../../src/domain/fileTransfer/links.js'
import { blobLocation } from '../../src/usecases/commit/blobLocation.js'
import { crashAtEveryCall, type Row, type Scene } from '../support/crashAtEveryCall.js'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, story } from '../support/crashStory.js'
import { bytesOf, callerFor } from '../support/memoryBroker.js'
import { good } from '../support/tus.js'

const begun = (world: World, label: string) => story(world, label).store()

/** A transfer whose file has been put at its upload link. */
async function put(world: World, label: string) {
  const id = await begun(world, label)
  const { broker, settled } = world.recovering
  good(await broker.createUploadLink(callerFor(world.sender), id))
  await settled()
  const read = await world.stores.transfers.read(id)
  const attempt = read && linkedAttempt(read.transfer)
  if (!read || !attempt) throw new Error(`There is no link for ${label}.`)
  const limits = { maxBytes: 100, expectedBytes: undefined, accept: () => true }
  await world.stores.blobs.write(blobLocation(read.transfer, attempt.id), bytesOf(CONTENT), limits)
  return id
}

const giveLink = ({ world, broker, id }: Scene) => broker.createUploadLink(callerFor(world.sender), id)
const complete = ({ world, broker, id }: Scene) => broker.completeLinkedUpload(callerFor(world.sender), id)

const rows: Row[] = [
  {
    name: 'a link to upload to',
    prepare: begun,
    act: giveLink,
    done: 'UploadStarted',
    orElse: ['Initialized'],
    again: giveLink,
  },
  {
    name: 'an upload by a link that is complete',
    prepare: put,
    act: complete,
    done: 'Published',
    orElse: ['UploadStarted'],
    again: complete,
  },
  {
    name: 'another link after a file was put at the first',
    prepare: put,
    act: giveLink,
    done: 'UploadStarted',
    orElse: [],
    isSwept: true,
  },
  {
    name: 'a link to download from',
    prepare: async (world, label) => (await story(world, label).uploaded()).store(),
    act: ({ world, broker, id }) => broker.createDownloadLink(callerFor(world.kari), id),
    where: ({ recipients }, { kari }) => recipients[kari]?.status,
    done: 'DownloadStarted',
    orElse: ['Initialized'],
  },
]

const makeWorld = crashStack()

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test.each(rows)('leaves a consistent state after $name', async (row) => {
    expect(await crashAtEveryCall(makeWorld, row)).toBeGreaterThan(0)
  })
})
