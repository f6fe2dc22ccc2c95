import { describe, expect, test } from 'vitest'
import { crashAtEveryCall, type Row, type Scene } from '../support/crashAtEveryCall.js'
import { crashStack } from '../support/crashStack.js'
import { CONTENT, requestOf, story } from '../support/crashStory.js'
import { brokenOff, bytesOf, callerFor, uploadOf } from '../support/memoryBroker.js'
import { anyOrganizations } from '../support/samples.js'

const upload = ({ world, broker, id }: Scene, body = uploadOf(CONTENT)) =>
  broker.uploadFile(callerFor(world.sender), id, body)
const notYet: Row['orElse'] = ['Initialized', 'UploadStarted']

const initialize =
  (idempotencyKey?: string) =>
  ({ world, broker, label }: Scene) =>
    broker.initializeFileTransfer(callerFor(world.sender), requestOf(world, label), idempotencyKey && label)
const initializeGroup = ({ world, broker, label }: Scene) => {
  const { fileName, checksum, ...shared } = requestOf(world, label)
  const request = { ...shared, files: [{ fileName, checksum }] }
  return broker.initializeFileTransferGroup(callerFor(world.sender), request, label)
}
const many = anyOrganizations(27)

const rows: Row[] = [
  {
    name: 'an initialize',
    prepare: async () => '',
    act: initialize(),
    done: 'Initialized',
    orElse: [undefined],
  },
  {
    name: 'an initialize with an idempotency key',
    prepare: async () => '',
    act: initialize('key'),
    done: 'Initialized',
    orElse: [undefined],
    again: initialize('key'),
  },
  {
    name: 'an initialize of a group',
    prepare: async () => '',
    act: initializeGroup,
    done: 'Initialized',
    orElse: [undefined],
    again: initializeGroup,
  },
  {
    name: 'an initialize for very many recipients',
    prepare: async () => '',
    act: ({ world, broker, label }) =>
      broker.initializeFileTransfer(
        callerFor(world.sender),
        requestOf(world, label, { recipients: [world.kari, ...many] }),
      ),
    done: 'Initialized',
    orElse: [undefined],
  },
  {
    name: 'an initialize whose search rows are in one of several partitions',
    async prepare({ stores, resource }) {
      const stored = await stores.resources.read(resource.id)
      if (stored) await stores.resources.save({ ...resource, searchPartitions: 8 }, stored.version)
      return ''
    },
    act: initialize(),
    done: 'Initialized',
    orElse: [undefined],
  },
  {
    name: 'an upload that is not scanned',
    prepare: (world, label) => story(world, label).store(),
    act: upload,
    done: 'Published',
    orElse: notYet,
    again: upload,
  },
  {
    name: 'an upload that is scanned',
    prepare: (world, label) => story(world, label, { disableVirusScan: false }).store(),
    act: upload,
    done: 'UploadProcessing',
    orElse: notYet,
    again: upload,
  },
  {
    name: 'an upload that its client breaks off',
    prepare: (world, label) => story(world, label).store(),
    act: (scene) => upload(scene, { body: brokenOff(CONTENT), declaredBytes: 100 }),
    done: 'UploadStarted',
    orElse: ['Initialized'],
  },
  {
    name: 'an upload that is not what was promised',
    prepare: (world, label) => story(world, label, { checksum: '0'.repeat(32) }).store(),
    act: upload,
    done: 'Failed',
    orElse: notYet,
  },
  {
    name: 'two uploads at once',
    prepare: (world, label) => story(world, label).store(),
    act: async (scene) => {
      const answers = await Promise.allSettled([upload(scene), upload(scene)])
      return answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])).find(({ ok }) => ok)
    },
    isRacing: true,
    done: 'Published',
    orElse: notYet,
    again: upload,
  },
  {
    name: 'an upload that another overtakes',
    prepare: (world, label) => story(world, label).store(),
    act: async (scene) => {
      let first: Promise<unknown> = Promise.resolve()
      async function* body() {
        first = upload(scene)
        await first.catch(() => {})
        yield* bytesOf(CONTENT)
      }
      await upload(scene, { body: body(), declaredBytes: CONTENT.length })
      return first
    },
    isSwept: true,
    done: 'Published',
    orElse: notYet,
    again: upload,
  },
  {
    name: 'an upload that is called off',
    prepare: (world, label) => story(world, label, { disableVirusScan: false }).store(),
    act: async (scene) => {
      async function* body() {
        yield* bytesOf(CONTENT)
        await scene.broker.cancelFileTransfer(callerFor(scene.world.sender), scene.id).catch(() => {})
      }
      await upload(scene, { body: body(), declaredBytes: CONTENT.length })
    },
    isSwept: true,
    done: 'Cancelled',
    orElse: ['UploadProcessing', ...notYet],
  },
  {
    name: 'an initialize with its upload',
    prepare: async () => '',
    act: ({ world, broker, label }) =>
      broker.initializeAndUpload(callerFor(world.sender), requestOf(world, label), uploadOf(CONTENT)),
    done: 'Published',
    orElse: [undefined, ...notYet],
  },
]

const makeWorld = crashStack()

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test.each(rows)('leaves a consistent state after $name', async (row) => {
    expect(await crashAtEveryCall(makeWorld, row)).toBeGreaterThan(0)
  })
})
