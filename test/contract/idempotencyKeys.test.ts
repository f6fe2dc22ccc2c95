import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableIdempotencyKeys } from '../../src/adapters/tables/tableIdempotencyKeys.js'
import type { IdempotencyKeys } from '../../src/usecases/ports/resources.js'
import { memoryIdempotencyKeys } from '../memory/memoryIdempotencyKeys.js'
import { azuriteTables } from '../support/azurite.js'
import { at, kari, later, ola } from '../support/samples.js'

const entry = (seconds = 0) => ({ fileTransferId: randomUUID(), requestHash: 'abc', at: later(seconds) })

function idempotencyKeysContract(name: string, makeKeys: () => Promise<IdempotencyKeys>) {
  describe(`idempotency keys in ${name}`, () => {
    test('belong to the first claim', async () => {
      const keys = await makeKeys()
      const first = entry()

      expect(await keys.claim(kari, 'a/b#1?', first, at)).toEqual(first)
      expect(await keys.claim(kari, 'a/b#1?', entry(5), at)).toEqual(first)
    })

    test.each(['/', '%', '~', 'x'])('may be as long as a header of them may be, of %s', async (char) => {
      const keys = await makeKeys()
      const [first, second] = [entry(), entry()]
      const long = char.repeat(255)

      expect(await keys.claim(kari, long, first, at)).toEqual(first)
      expect(await keys.claim(kari, `${long.slice(1)}y`, second, at)).toEqual(second)
      expect(await keys.claim(kari, long, entry(5), at)).toEqual(first)
    })

    test('are each organisation’s own', async () => {
      const keys = await makeKeys()
      await keys.claim(kari, 'key', entry(), at)
      const second = entry()

      expect(await keys.claim(ola, 'key', second, at)).toEqual(second)
    })

    test('may be claimed again when they have expired', async () => {
      const keys = await makeKeys()
      await keys.claim(kari, 'key', entry(), at)
      const second = entry(10)

      expect(await keys.claim(kari, 'key', second, later(1))).toEqual(second)
      expect(await keys.claim(kari, 'key', entry(20), later(1))).toEqual(second)
    })

    test('are removed when they are older than a time, and others stay', async () => {
      const keys = await makeKeys()
      const young = entry(10)
      for (let i = 0; i < 120; i++) await keys.claim(kari, `old ${i}`, entry(9.999), at)
      await keys.claim(kari, 'renewed', entry(), at)
      await keys.claim(kari, 'renewed', young, later(1))
      await keys.claim(ola, 'young', young, at)

      expect(await keys.removeOlder(later(10))).toBe(120)

      expect(await keys.removeOlder(later(10))).toBe(0)
      for (const [who, key] of [
        [kari, 'renewed'],
        [ola, 'young'],
      ] as const) {
        expect(await keys.claim(who, key, entry(20), at)).toEqual(young)
      }
    })

    test('have one winner among concurrent claims', async () => {
      const keys = await makeKeys()

      const claimed = await Promise.all(Array.from({ length: 10 }, () => keys.claim(kari, 'key', entry(), at)))

      expect(new Set(claimed.map(({ fileTransferId }) => fileTransferId)).size).toBe(1)
    })
  })
}

const makeTable = azuriteTables()
idempotencyKeysContract('memory', async () => memoryIdempotencyKeys())
idempotencyKeysContract('an Azure table', async () => tableIdempotencyKeys(await makeTable()))
