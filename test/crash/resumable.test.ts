import { describe, expect, test } from 'vitest'
import { WHOLE } from '../../src/domain/tus/upload.js'
import { crashAtEveryCall, type Row, type Scene } from '../support/crashAtEveryCall.js'
import { crashStack, type World } from '../support/crashStack.js'
import { CONTENT, story } from '../support/crashStory.js'
import { callerFor } from '../support/memoryBroker.js'
import { good, tusCaller, tusClient } from '../support/tus.js'

const FIRST = CONTENT.slice(0, 2)
const REST = CONTENT.slice(2)

const clientOf = ({ world, broker, id }: Pick<Scene, 'world' | 'broker' | 'id'>) =>
  tusClient(broker, id, tusCaller(world.sender))

/** A transfer with an upload of which this is stored. */
async function begun(world: World, label: string, stored = FIRST) {
  const id = await story(world, label).store()
  const client = clientOf({ world, broker: world.recovering.broker, id })
  good(await client.create(CONTENT.length))
  if (stored !== '') good(await client.patch(0, stored))
  await world.recovering.settled()
  return id
}

/** The parts of each prepared transfer, in the order of the file. */
const partsOf = new Map<string, string[]>()

async function inParts(world: World, label: string) {
  const id = await story(world, label).store()
  const client = clientOf({ world, broker: world.recovering.broker, id })
  const parts: string[] = []
  for (const content of [REST, FIRST]) {
    const part = good(await client.create(content.length, { kind: 'part' }))
    good(await client.patch(0, content, part.id))
    parts.unshift(part.id)
  }
  await world.recovering.settled()
  partsOf.set(id, parts)
  return id
}

const create = (scene: Scene) => clientOf(scene).create(CONTENT.length)
const join = (scene: Scene) => clientOf(scene).join(partsOf.get(scene.id) ?? [])

/** Goes on where the upload stands, as a client does. */
async function goOn(scene: Scene) {
  const found = await clientOf(scene).head()
  return found.ok ? clientOf(scene).patch(found.value.offset, CONTENT.slice(found.value.offset)) : found
}

const rows: Row[] = [
  {
    name: 'a TUS upload that begins',
    prepare: (world, label) => story(world, label).store(),
    act: create,
    done: 'UploadStarted',
    orElse: ['Initialized'],
    again: create,
  },
  {
    name: 'the first bytes of one',
    prepare: (world, label) => begun(world, label, ''),
    act: (scene) => clientOf(scene).patch(0, FIRST),
    done: 'UploadStarted',
    orElse: [],
    isSwept: true,
  },
  {
    name: 'its last bytes',
    prepare: begun,
    act: (scene) => clientOf(scene).patch(FIRST.length, REST),
    done: 'Published',
    orElse: ['UploadStarted'],
    isSwept: true,
    again: goOn,
  },
  {
    name: 'all of its bytes, as it begins',
    prepare: (world, label) => story(world, label).store(),
    act: async (scene) => {
      const created = await create(scene)
      return created.ok ? clientOf(scene).patch(0, CONTENT) : created
    },
    done: 'Published',
    orElse: ['Initialized', 'UploadStarted'],
    isSwept: true,
    again: async (scene) => {
      const created = await create(scene)
      return created.ok ? goOn(scene) : created
    },
  },
  {
    name: 'parts that are joined',
    prepare: inParts,
    act: join,
    done: 'Published',
    orElse: ['UploadStarted'],
    again: join,
  },
  {
    name: 'an upload that its client gives up',
    prepare: begun,
    act: (scene) => clientOf(scene).end(WHOLE),
    done: 'UploadStarted',
    orElse: [],
    isSwept: true,
  },
  {
    name: 'an upload whose transfer is called off',
    prepare: begun,
    act: ({ world, broker, id }) => broker.cancelFileTransfer(callerFor(world.sender), id),
    done: 'Cancelled',
    orElse: ['UploadStarted'],
    isSwept: true,
  },
]

const makeWorld = crashStack()

describe('a process that crashes, or whose call fails, at any call to a dependency', () => {
  test.each(rows)('leaves a consistent state after $name', async (row) => {
    expect(await crashAtEveryCall(makeWorld, row)).toBeGreaterThan(0)
  })
})
