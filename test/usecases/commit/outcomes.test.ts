import { describe, expect, test } from 'vitest'
import { eventDelivery } from '../../../src/adapters/bus/eventDelivery.js'
import { MAX_TRIES } from '../../../src/usecases/processing/redelivery.js'
import { brokenOff, callerFor, memoryWorld, scanOf, telling, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, ola, sender } from '../../support/samples.js'

/** What was measured, added up: `filetransfers Published` to 1. */
const totals = ({ measured }: World) => {
  const sums: Record<string, number> = {}
  for (const { metric, value, attributes } of measured) {
    const name = [metric, ...Object.values(attributes ?? {})].join(' ')
    sums[name] = (sums[name] ?? 0) + value
  }
  return sums
}

/** What is logged, without the events that are delivered beside it. */
const linesOf = ({ log }: World) => log.map(({ event }) => event).filter((event) => event !== 'event.delivered')
const inTheEnd = async (world: World, seconds: number) => {
  world.advance(seconds)
  await world.broker.expireDue()
  await world.work()
}

async function downloaded(world: World, id: string, who = kari): Promise<void> {
  const opened = await world.broker.downloadFile(callerFor(who), id, undefined)
  if (!opened.ok) throw new Error('refused')
  for await (const _ of opened.value.source.bytes);
}

describe('a whole way of a file', () => {
  test('is measured: statuses, bytes, times and deliveries', async () => {
    const world = await memoryWorld()
    const id = await world.begin({ recipients: [kari] })
    async function* slowly() {
      yield Buffer.from('hel')
      world.advance(2)
      yield Buffer.from('lo')
    }
    await world.broker.uploadFile(callerFor(sender), id, { body: slowly(), declaredBytes: 5 })
    await world.work()
    world.advance(7)
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    await world.work()
    await downloaded(world, id)
    await world.broker.confirmDownload(callerFor(kari), id)
    await world.work()
    await inTheEnd(world, 40 * 86_400)

    const {
      deadlineLag = 0,
      eventDelay,
      ...others
    } = Object.fromEntries(
      Object.entries(totals(world)).map(([name, value]) => [name.replace(/^(deadlineLag|eventDelay) .*/, '$1'), value]),
    )
    expect(deadlineLag).toBeGreaterThan(0)
    expect(eventDelay).toBeGreaterThanOrEqual(0)
    expect(others).toEqual({
      'transfers Initialized': 1,
      'transfers UploadStarted': 1,
      'transfers UploadProcessing': 1,
      'transfers Published': 1,
      'transfers AllConfirmedDownloaded': 1,
      'transfers Purged': 1,
      bytesUploaded: 5,
      bytesDownloaded: 5,
      uploadTime: 2,
      'publishTime inTime': 7,
      'scanTime Clean': 7,
      'deliveries delivered': world.posted.length,
    })
  })

  test('has a line for each outcome, with the id of the transfer and no name of a file', async () => {
    const world = await memoryWorld()

    const id = await world.uploaded({ recipients: [kari], fileName: 'søknad æøå.pdf' })
    await world.work()
    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer))
    await downloaded(world, id)
    await world.broker.confirmDownload(callerFor(kari), id)
    await inTheEnd(world, 40 * 86_400)

    const told = linesOf(world).filter((event) => event !== 'deadlines.enqueued')
    expect(told).toEqual([
      ...['fileTransfer.initialized', 'upload.started', 'upload.completed', 'upload.checked'],
      ...['scan.verdictRecorded', 'fileTransfer.published', 'download.started', 'download.ended'],
      ...['download.confirmed', 'fileTransfer.allConfirmed', 'fileTransfer.purged', 'deadline.applied'],
    ])
    const ofTransfer = world.log.filter(({ event }) => event !== 'deadlines.enqueued')
    expect(ofTransfer.map(({ details }) => details.fileTransferId)).toEqual(ofTransfer.map(() => id))
    expect(JSON.stringify(world.log)).not.toContain('søknad')
  })
})

describe('an upload that comes to nothing', () => {
  test.each([
    ['is broken off', () => ({ body: brokenOff('hel'), declaredBytes: 5 }), 'upload.interrupted'],
    ['is too large', () => uploadOf('x'.repeat(20)), undefined],
  ])('and %s is told with its reason', async (_, upload, why) => {
    const world = await memoryWorld({ maxFileTransferSize: 10 })
    const id = await world.begin()

    const answer = await world.broker.uploadFile(callerFor(sender), id, upload())

    expect(answer.ok).toBe(false)
    const told = linesOf(world).slice(1)
    expect(told).toEqual(why ? ['upload.started', why, 'upload.abandoned'] : [])
    expect(totals(world)).not.toHaveProperty('bytesUploaded')
  })

  test('and is larger than it said is told with its reason', async () => {
    const world = await memoryWorld({ maxFileTransferSize: 10 })
    const id = await world.begin()

    await world.broker.uploadFile(callerFor(sender), id, { ...uploadOf('x'.repeat(20)), declaredBytes: undefined })

    expect(linesOf(world).slice(1)).toEqual(['upload.started', 'upload.tooLarge', 'upload.abandoned'])
  })

  test('since there is malware in it is a warning, without the words of the scanner', async () => {
    const world = await memoryWorld()
    const id = await world.uploaded()

    await world.broker.recordScanResult(scanOf((await world.read(id)).transfer, 'Malicious'))

    const failed = world.log.find(({ event }) => event === 'fileTransfer.failed')
    expect(failed).toMatchObject({ level: 'warn', details: { reason: 'Malware scan failed: Malicious' } })
    expect(totals(world)).toMatchObject({ 'transfers Failed': 1, 'scanTime Malicious': 0 })
  })
})

test('a download that its reader leaves is told with the bytes it has had', async () => {
  const world = await memoryWorld()
  const id = await world.published()
  const opened = await world.broker.downloadFile(callerFor(ola), id, 'bytes=1-3')

  const bytes = opened.ok ? opened.value.source.bytes : []
  for await (const _ of bytes) break

  const told = world.log.find(({ event }) => event === 'download.endedEarly')
  expect(told).toMatchObject({ level: 'warn', details: { fileTransferId: id, sentBytes: 0, wantedBytes: 3 } })
})

test('a try to deliver an event is counted by its outcome, and what is given up by its queue', async () => {
  const world = await memoryWorld()
  const down = async () => {
    throw new Error('down')
  }
  const id = await world.begin()
  world.measured.length = 0
  await world.broker.fanOutEvents(telling(id, 1), {})
  const [message] = world.stores.messages
    .sent()
    .filter(({ entity }) => entity === 'eventDelivery')
    .slice(-1)
  const delivery = eventDelivery.parse(JSON.parse(message?.body ?? ''))
  const broken = world.start(() => ({ receiver: { post: down } }))

  const arrived = { queue: 'eventDelivery' as const, messageId: 'm', body: {}, tries: 0 }
  for (const tries of [0, MAX_TRIES - 1]) {
    await broken.redeliverWithBackoff({ ...arrived, tries }, () => delivery, broken.deliverEvent)
  }

  expect(totals(world)).toEqual({
    'deliveries failed': 1,
    'deliveries givenUp': 1,
    'eventDelay never': 0,
    'givenUp eventDelivery': 1,
  })
})

test('a deadline is measured by how late it was met, a slow scan is counted', async () => {
  const world = await memoryWorld()
  await world.uploaded()

  await inTheEnd(world, 910)

  expect(totals(world)).toMatchObject({ slowScans: 1, 'deadlineLag scanWarning inTime': 10 })
})

test('a change that is cut off is counted when it is carried out, and its age is told until then', async () => {
  const world = await memoryWorld()
  const id = await world.begin()
  const cutOff = world.start(({ messages }) => ({
    messages: {
      ...messages,
      notifyOfChange: async () => {
        throw new Error('The process is gone.')
      },
    },
  }))
  await cutOff.uploadFile(callerFor(sender), id, uploadOf('hello'))
  await cutOff.settled()
  world.advance(45)
  const before = totals(world)

  await world.broker.resumeCommittedChanges()
  await world.broker.resumeCommittedChanges()

  const ages = world.measured.filter(({ metric }) => metric === 'outboxAge').map(({ value }) => value)
  expect(ages).toEqual([45, 0])
  const { resumedChanges, outboxAge, ...others } = totals(world)
  expect(resumedChanges).toBe(2)
  expect(others).toEqual(before) // what was committed has been counted, once
})
