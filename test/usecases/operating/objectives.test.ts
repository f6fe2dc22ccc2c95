import { describe, expect, test } from 'vitest'
import { OBJECTIVES } from '../../../src/domain/operating/objectives.js'
import { callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../support/memoryBroker.js'
import { request, sender } from '../../support/samples.js'

/** What an objective counted, by its outcome. */
const counted = ({ measured }: World, metric: string) =>
  measured.filter((each) => each.metric === metric).map(({ value, attributes }) => [attributes?.outcome, value])

const afterSeconds = async (world: World, seconds: number) => {
  world.advance(seconds)
  await world.broker.expireDue()
  await world.work()
}

describe('the time to publish', () => {
  const { withinSeconds } = OBJECTIVES.publication

  test.each([
    ['in time', withinSeconds, 'inTime'],
    ['late', withinSeconds + 1, 'late'],
  ])('of a file that is published %s', async (_, seconds, outcome) => {
    const world = await memoryWorld()
    const id = await world.uploaded()
    world.advance(seconds)

    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    await world.work()

    expect(counted(world, 'publishTime')).toEqual([[outcome, seconds]])
  })

  test('of a file that is published with its upload is none', async () => {
    const world = await memoryWorld()

    await world.published({ disableVirusScan: true })

    expect(counted(world, 'publishTime')).toEqual([['inTime', 0]])
  })

  test('never came when no verdict did', async () => {
    const world = await memoryWorld()
    await world.uploaded()

    await afterSeconds(world, 3700)

    expect(counted(world, 'publishTime')).toEqual([['never', 3700]])
  })

  test('never came when the scanner gave up', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()

    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer, 'ScanFailed'))

    expect(counted(world, 'publishTime')).toEqual([['never', 0]])
  })

  test('never came when the stored file was not the one that was sent', async () => {
    const world = await memoryWorld()
    await world.unread()
    for (const place of world.stores.blobs.locations()) await world.stores.blobs.remove(place)

    await world.work()

    expect(counted(world, 'publishTime')).toEqual([['never', 0]])
  })

  test('is not counted when the file itself is at fault', async () => {
    const world = await memoryWorld()
    const malicious = await world.uploaded()
    await world.broker.recordScanResult(scanOf((await world.read(malicious)).transfer, 'Malicious'))
    const damaged = await world.begin({ checksum: 'f'.repeat(32) })
    await world.broker.uploadFile(callerFor(sender), damaged, uploadOf('hello'))
    await world.begin()

    await afterSeconds(world, 90_000)

    expect(counted(world, 'publishTime')).toEqual([])
  })
})

describe('the delay of an event', () => {
  const { withinSeconds } = OBJECTIVES.events

  test.each([
    ['in time', withinSeconds, 'inTime'],
    ['late', withinSeconds + 1, 'late'],
  ])('that Altinn takes %s is counted from what happened', async (_, seconds, outcome) => {
    const world = await memoryWorld()
    const post = async () => {
      world.advance(seconds)
      return 200
    }
    const broker = world.start(() => ({ receiver: { post } }))

    await broker.initializeFileTransfer(callerFor(sender), request())
    await broker.settled()

    expect(counted(world, 'eventDelay')).toEqual([[outcome, seconds]])
  })
})

describe('the lag of a deadline', () => {
  const { withinSeconds } = OBJECTIVES.deadlines

  test.each([
    ['in time', withinSeconds, 'inTime'],
    ['late', withinSeconds + 1, 'late'],
  ])('that is met %s', async (_, seconds, outcome) => {
    const world = await memoryWorld()
    const id = await world.published()
    const { transfer } = await world.read(id)
    const expiry = transfer.deadlines.find(({ kind }) => kind === 'expire')?.at.getTime() ?? 0
    world.measured.length = 0

    await afterSeconds(world, (expiry - world.clock.now.getTime()) / 1000 + seconds)

    expect(counted(world, 'deadlineLag')).toEqual([[outcome, seconds]])
  })
})
