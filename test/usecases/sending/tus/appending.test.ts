import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WHOLE } from '../../../../src/domain/tus/upload.js'
import type { Ports } from '../../../../src/usecases/broker.js'
import { type Broker, memoryWorld, type World, wholePatchBytes } from '../../../support/memoryBroker.js'
import { fileOf, good, tusClient, withBlocksOf } from '../../../support/tus.js'

// Any sequence of PATCH, broken connection, failing store, dying process and HEAD leaves offset = what is durable
// without a gap, and in the end the file. No offset that HEAD has told goes down, and of a request that counts whole
// there is never a part.

const LEASE_SECONDS = 31
const BLOCK = 8
const PARTS = 3

type Step = {
  uploadNumber: number
  bytes: number
  chunk: number
  /** Seconds between two chunks. */
  pause: number
  /** The connection breaks after so many chunks. */
  breaksAfter: number | undefined
  /** This call to the stores fails, before or after it was done; the process dies there, or lives on. */
  failsAt: { call: number; isDone: boolean; isDeath: boolean } | undefined
  isChecked: boolean
  /** Whether the request says how long it is. */
  isDeclared: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  uploadNumber: fc.nat({ max: PARTS - 1 }),
  bytes: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 60 })),
  chunk: fc.integer({ min: 1, max: 13 }),
  pause: fc.constantFrom(0, 0, 11),
  breaksAfter: fc.option(fc.nat({ max: 5 }), { nil: undefined, freq: 3 }),
  failsAt: fc.option(
    fc.record({
      call: fc.oneof(fc.integer({ min: 3, max: 5 }), fc.nat({ max: 12 })),
      isDone: fc.boolean(),
      isDeath: fc.boolean(),
    }),
    {
      nil: undefined,
      freq: 2,
    },
  ),
  isChecked: fc.boolean(),
  isDeclared: fc.boolean(),
})

/** A process whose stores fail once; when it dies there, nothing happens after that. */
function mortal(world: World, failsAt: Step['failsAt']): Broker {
  let calls = 0
  let isDead = false
  const failure = () => {
    isDead ||= failsAt?.isDeath === true
    return new Error('The store does not answer.')
  }
  const meet = async (act: () => unknown) => {
    if (isDead) throw failure()
    const isMeant = failsAt !== undefined && calls++ === failsAt.call
    if (isMeant && !failsAt.isDone) throw failure()
    const answer = await act()
    if (isMeant) throw failure()
    return answer
  }
  const guarded = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member = Reflect.get(target, name)
        return typeof member === 'function' ? (...given: unknown[]) => meet(() => member.apply(target, given)) : member
      },
    })
  return world.start(({ tusUploads, blocks, transfers, messages, blobs, outbox, due }: Ports) => ({
    tusUploads: guarded(tusUploads),
    blocks: guarded(blocks),
    transfers: guarded(transfers),
    messages: guarded(messages),
    blobs: guarded(blobs),
    outbox: guarded(outbox),
    due: guarded(due),
  }))
}

async function* bodyOf(
  world: World,
  bytes: Uint8Array,
  { chunk, pause, breaksAfter }: Step,
  look: () => Promise<void>,
) {
  let chunks = 0
  for (let at = 0; at < bytes.length; at += chunk) {
    if (chunks++ === breaksAfter) throw new Error('The client has gone.')
    world.advance(pause)
    yield bytes.subarray(at, at + chunk)
    await look()
  }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64')

/** Sends one piece of an upload from where it stands, in a process that may die; checks what HEAD tells afterwards. */
async function send(world: World, id: string, uploadId: string, content: Buffer, asked: Step): Promise<void> {
  const client = tusClient(world.broker, id)
  const before = good(await client.head(uploadId)).offset
  const bytes = content.subarray(before, before + asked.bytes)
  const checksum = asked.isChecked ? { algorithm: 'sha256' as const, digest: sha256(bytes) } : undefined
  const declaredBytes = asked.isDeclared ? bytes.length : undefined
  const isWhole = asked.isChecked || (asked.isDeclared && bytes.length <= wholePatchBytes)
  const shown = [before]
  const look = async () => void shown.push(good(await client.head(uploadId)).offset)
  const broker = mortal(world, asked.failsAt)
  const answer = await tusClient(broker, id)
    .patch(before, '', uploadId, {
      body: bodyOf(world, bytes, asked, look),
      declaredBytes,
      ...(checksum && { checksum }),
    })
    .catch(() => undefined)
  await broker.settled().catch(() => {})

  await look()
  const offset = shown.at(-1) ?? 0
  expect(shown).toEqual(shown.toSorted((one, other) => one - other))
  expect(offset).toBeLessThanOrEqual(before + bytes.length)
  if (answer?.ok) expect(offset).toBe(answer.value.offset)
  if (answer?.ok) expect(offset).toBe(before + bytes.length)
  if (isWhole)
    expect(new Set([before, before + bytes.length])).toEqual(new Set([before, before + bytes.length, ...shown]))
  world.advance(LEASE_SECONDS)
}

const runs = { numRuns: 100 }

describe('a TUS upload', () => {
  test('as a whole becomes the file that was sent, whatever breaks on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200, size: 'max' }),
        fc.array(step, { maxLength: 12, size: 'max' }),
        async (sent, steps) => {
          const world = await memoryWorld()
          const content = Buffer.from(sent)
          const id = await world.begin({ disableVirusScan: true })
          const client = tusClient(world.broker, id)
          good(await client.create(content.length))
          if (content.length > 0) await withBlocksOf(BLOCK, world, id)

          const last = { uploadNumber: 0, bytes: 200, chunk: 7, pause: 0, ...calm }
          for (const each of [...steps, last]) await send(world, id, WHOLE, content, each)
          await world.broker.settled()
          world.advance(60)
          await world.broker.resumeCommittedChanges()
          await world.work()

          expect((await world.read(id)).transfer.status).toBe('Published')
          const file = await fileOf(world, id)
          expect(file?.bytes.equals(content)).toBe(true)
          expect(file?.md5).toBe(createHash('md5').update(content).digest('hex'))
          world.advance(49 * 3600)
          await world.broker.sweepOrphans() // a process may have died before it had tidied up
          expect(world.stores.blocks.tails()).toEqual([])
        },
      ),
      runs,
    )
  })

  test('in parts becomes the file in the order of the client, whatever breaks on the way', async () => {
    const contents = fc.tuple(...Array.from({ length: PARTS }, () => fc.uint8Array({ maxLength: 80, size: 'max' })))
    const orders = fc.shuffledSubarray([0, 1, 2], { minLength: PARTS })
    await fc.assert(
      fc.asyncProperty(contents, orders, fc.array(step, { maxLength: 12, size: 'max' }), async (sent, order, steps) => {
        const world = await memoryWorld()
        const pieces = sent.map((each) => Buffer.from(each))
        const id = await world.begin({ disableVirusScan: true })
        const client = tusClient(world.broker, id)
        const parts: string[] = []
        for (const { length } of pieces) {
          const part = good(await client.create(length, { kind: 'part' }))
          parts.push(part.id)
          await withBlocksOf(BLOCK, world, id, part.id)
        }

        const rest = pieces.map((_, uploadNumber) => ({
          uploadNumber,
          bytes: 200,
          chunk: 7,
          pause: 0,
          ...calm,
        }))
        for (const each of [...steps, ...rest]) {
          const { uploadNumber } = each
          await send(world, id, parts[uploadNumber] ?? '', pieces[uploadNumber] ?? Buffer.alloc(0), each)
        }
        good(await client.join(order.map((index) => parts[index] ?? '')))
        await world.broker.settled()
        await world.work()

        const content = Buffer.concat(order.map((index) => pieces[index] ?? Buffer.alloc(0)))
        expect((await world.read(id)).transfer.status).toBe('Published')
        const file = await fileOf(world, id)
        expect(file?.bytes.equals(content)).toBe(true)
        expect(file?.md5).toBe(createHash('md5').update(content).digest('hex'))
        expect((await world.stores.tusUploads.ofFileTransfer(id)).map(({ upload }) => upload.id)).toEqual([WHOLE])
        world.advance(49 * 3600)
        await world.broker.sweepOrphans() // a process may have died before it had tidied up
        expect(world.stores.blocks.tails()).toEqual([])
      }),
      runs,
    )
  })
})

const calm = { breaksAfter: undefined, failsAt: undefined, isChecked: false, isDeclared: false }
