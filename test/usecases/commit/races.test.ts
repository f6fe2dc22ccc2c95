import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Fact, FileTransferId } from '../../../src/domain/fileTransfer/state.js'
import type { Ports } from '../../../src/usecases/broker.js'
import { expectLifecycleInvariants, expectNothingLeft } from '../../support/lifecycleInvariants.js'
import { type Broker, callerFor, memoryWorld, scanOf, uploadOf, type World } from '../../support/memoryBroker.js'
import { kari, ola, request, sender } from '../../support/samples.js'

// Use cases that run at once, in two processes. fast-check decides which call of a port comes next, and when its answer
// does.

const stores = [
  'transfers',
  'outbox',
  'due',
  'searchIndex',
  'messages',
  'blobs',
  'resources',
  'idempotencyKeys',
] as const
/** These do not answer later: they hand out an iterable, or a value. */
const AT_ONCE = ['dueBy', 'all', 'attemptAt']

/** Ports whose calls begin, and whose answers come, when the scheduler says. */
function scheduled(scheduler: fc.Scheduler, ports: Ports): Partial<Ports> {
  const turn = (label: string) => scheduler.schedule(Promise.resolve(), label)
  const wrap = <Port extends object>(port: Port, name: string): Port =>
    new Proxy(port, {
      get(target, key) {
        const method: unknown = Reflect.get(target, key)
        if (typeof method !== 'function' || AT_ONCE.includes(String(key))) return method
        return async (...args: unknown[]) => {
          await turn(`${name}.${String(key)}`)
          const answer: unknown = await method.apply(target, args)
          await turn(`${name}.${String(key)} answers`)
          return answer
        }
      },
    })
  const wrapped: Partial<Ports> = Object.fromEntries(stores.map((name) => [name, wrap(ports[name], name)]))
  return { ...wrapped, pause: () => turn('pause') }
}

type Act = (broker: Broker, id: FileTransferId, world: World) => Promise<unknown>

/** Answers of all acts, done at once by the two processes in turn, and the world after everything that follows. */
async function race(scheduler: fc.Scheduler, prepare: (world: World) => Promise<FileTransferId>, acts: Act[]) {
  const world = await memoryWorld()
  const id = await prepare(world)
  const processes = [1, 2].map(() => world.start((ports) => scheduled(scheduler, ports)))
  const answers = acts.map((act, index) => {
    const broker = processes[index % 2]
    return broker ? act(broker, id, world) : undefined
  })
  const all = Promise.all(answers).then(async (done) => {
    await Promise.all(processes.map(({ settled }) => settled()))
    return done
  })
  const answered = await scheduler.waitFor(all)
  await world.work()
  await expectLifecycleInvariants(world, id)
  return { world, id, answers: answered }
}

const upload =
  (content: string): Act =>
  (broker, id) =>
    broker.uploadFile(callerFor(sender), id, uploadOf(content))
const cancel: Act = (broker, id) => broker.cancelFileTransfer(callerFor(sender), id)
const confirm =
  (recipient: typeof kari): Act =>
  (broker, id) =>
    broker.confirmDownload(callerFor(recipient), id)
const download =
  (recipient: typeof kari): Act =>
  async (broker, id) => {
    const started = await broker.downloadFile(callerFor(recipient), id, undefined)
    if (started.ok) started.value.source.close()
    return started
  }
const timer: Act = (broker) => broker.expireDue()
const queue: Act = async (broker, _, world) => {
  for (const message of world.stores.messages.take(world.clock.now)) await world.handle(message, broker)
}
const verdict =
  (result: 'Clean' | 'Malicious'): Act =>
  async (broker, id, world) => {
    const { transfer } = await world.read(id)
    return 'file' in transfer && transfer.file && broker.recordScanResult(scanOf(transfer, result))
  }
const repair: Act = (broker) => broker.resumeCommittedChanges()

const count = (facts: Fact[], type: Fact['type']) => facts.filter((fact) => fact.type === type).length
const isOk = (answer: unknown) => typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true

/** Published, and downloaded by both; its expiry has come. */
async function downloaded(world: World, isExpired = false) {
  const id = await world.published()
  for (const each of [kari, ola]) await download(each)(world.broker, id, world)
  await world.work()
  if (isExpired) world.advance(30 * 86_400)
  return id
}

const runs = { numRuns: 60 }
const property = (check: (scheduler: fc.Scheduler) => Promise<void>) =>
  fc.assert(fc.asyncProperty(fc.scheduler(), check), runs)

describe('uploads of one transfer at once', () => {
  test.each([true, false])('have one winner, whose file stays alone (scan off: %s)', async (disableVirusScan) => {
    await property(async (scheduler) => {
      const contents = ['first', 'second one', 'third']

      const { world, id, answers } = await race(
        scheduler,
        (each) => each.begin({ disableVirusScan }),
        contents.map(upload),
      )

      expect(answers.filter(isOk)).toHaveLength(1)
      for (const each of answers.filter((answer) => !isOk(answer))) {
        expect(each).toEqual({ ok: false, reason: 'FileTransferAlreadyUploaded' })
      }
      const { transfer } = await world.read(id)
      const winner = contents[answers.findIndex(isOk)] ?? ''
      expect('file' in transfer && transfer.file?.sizeBytes).toBe(winner.length)
      expect(world.stores.blobs.locations()).toHaveLength(1)
      await expectNothingLeft(world)
    })
  })

  test('and a cancellation leave either a file or none, as the sender was told', async () => {
    await property(async (scheduler) => {
      const { world, id, answers } = await race(scheduler, (each) => each.begin({ disableVirusScan: true }), [
        upload('first'),
        cancel,
        upload('second'),
      ])

      const [first, cancelled, second] = answers.map(isOk)
      const { transfer } = await world.read(id)
      expect([first, second].filter(Boolean).length).toBeLessThanOrEqual(1)
      expect(transfer.status).toBe(cancelled ? 'Cancelled' : 'Published')
      if (!cancelled) expect(first || second).toBe(true)
      await expectNothingLeft(world)
    })
  })
})

describe('confirmations at once', () => {
  test('close the transfer once, however often each recipient says it', async () => {
    await property(async (scheduler) => {
      const acts = [kari, ola, kari, ola, kari].map(confirm)

      const { world, id, answers } = await race(scheduler, downloaded, acts)

      expect(answers.every(isOk)).toBe(true)
      const facts = await world.factsOf(id)
      expect([count(facts, 'DownloadConfirmed'), count(facts, 'AllConfirmedDownloaded')]).toEqual([2, 1])
      await expectNothingLeft(world)
    })
  })

  test('and the expiry, by two timers, remind only those whose confirmation was refused', async () => {
    await property(async (scheduler) => {
      const acts = [timer, confirm(kari), queue, confirm(ola), timer, queue]

      const { world, id, answers } = await race(scheduler, (each) => downloaded(each, true), acts)

      const facts = await world.factsOf(id)
      const confirmed = [answers[1], answers[3]].filter(isOk).length
      expect(count(facts, 'DownloadConfirmed')).toBe(confirmed)
      expect(count(facts, 'AllConfirmedDownloaded')).toBe(confirmed === 2 ? 1 : 0)
      expect(count(facts, 'Purged')).toBeLessThanOrEqual(1)
      await expectNothingLeft(world)
    })
  })
})

describe('the end of an upload, its check, its verdict and its cancellation at once', () => {
  test.each(['Clean', 'Malicious'] as const)('leave one end: %s', async (result) => {
    await property(async (scheduler) => {
      const acts = [upload('a file'), verdict(result), queue, verdict(result), queue, repair]

      const { world, id } = await race(scheduler, (each) => each.uploaded(), [...acts, cancel])

      const facts = await world.factsOf(id)
      const ends = count(facts, 'Published') + count(facts, 'UploadFailed') + count(facts, 'Cancelled')
      expect(ends).toBe(1)
      await expectNothingLeft(world)
    })
  })
})

describe('initializing at once with one key', () => {
  test('begins one transfer', async () => {
    await property(async (scheduler) => {
      const begin: Act = (broker) => broker.initializeFileTransfer(callerFor(sender), request(), 'key')

      const { answers } = await race(scheduler, (world) => world.begin(), [begin, begin, begin, begin])

      expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1)
    })
  })
})
