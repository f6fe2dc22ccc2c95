import { describe, expect, test } from 'vitest'
import type { Platform } from '../../src/adapters/altinn/platform.js'
import { altinnNames, altinnParties } from '../../src/adapters/altinn/register.js'
import { azuriteTables } from '../support/azurite.js'
import { at, kari, later } from '../support/samples.js'

const newTable = azuriteTables()

/** Register, which knows nobody until it `knows`, and how often it was asked. */
function register() {
  const state = { knows: false, asked: 0 }
  const platform: Platform = async () => {
    state.asked++
    return state.knows
      ? Response.json({ partyId: 50986252, name: 'KARI AS' })
      : new Response('No such party', { status: 404 })
  }
  return { state, platform }
}

describe('parties in a table', () => {
  test('are shared by processes: what is known for ever, what is unknown for some hours', async () => {
    const { state, platform } = register()
    const table = await newTable()
    const askedAfter = (hours: number) => altinnParties(platform, table, () => later(3600 * hours)).partyId(kari)

    expect([await askedAfter(0), await askedAfter(3.9), state.asked]).toEqual([undefined, undefined, 1])
    state.knows = true
    expect([await askedAfter(3.9), state.asked]).toEqual([undefined, 1])
    expect([await askedAfter(4), await askedAfter(5), state.asked]).toEqual(['50986252', '50986252', 2])
    expect([await askedAfter(10_000), state.asked]).toEqual(['50986252', 2])
  })

  test('that an earlier version has stored are known', async () => {
    const { state, platform } = register()
    const table = await newTable()
    await table.upsertEntity({ partitionKey: kari, rowKey: 'party', partyId: '50986252' }, 'Replace')

    expect(await altinnParties(platform, table, () => at).partyId(kari)).toBe('50986252')
    expect(state.asked).toBe(0)
  })
})

describe('names of parties', () => {
  test('are asked for once a day, and again after some hours where there is none', async () => {
    const { state, platform } = register()
    let hours = 0
    const names = altinnNames(platform, () => later(3600 * hours))
    const namesAfter = async (passed: number) => {
      hours = passed
      const found = await names.namesOf([kari, kari, kari])
      return [new Set(found), state.asked]
    }

    expect(await namesAfter(0)).toEqual([new Set([undefined]), 1])
    state.knows = true
    expect(await namesAfter(3.9)).toEqual([new Set([undefined]), 1])
    expect(await namesAfter(4.1)).toEqual([new Set(['KARI AS']), 2])
    expect(await namesAfter(28)).toEqual([new Set(['KARI AS']), 2])
    expect(await namesAfter(28.2)).toEqual([new Set(['KARI AS']), 3])
  })

  test('are looked up ten at a time', async () => {
    let now = 0
    let most = 0
    const platform: Platform = async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return Response.json({ partyId: 1, name: 'X' })
    }
    const names = altinnNames(platform, () => at)

    await names.namesOf(Array.from({ length: 50 }, (_, index) => String(index) as typeof kari))

    expect(most).toBe(10)
  })

  test('are none while Register does not answer, and asked for again', async () => {
    let isUp = false
    const platform: Platform = async () => {
      if (!isUp) throw new Error('no answer')
      return Response.json({ partyId: 1, name: 'KARI AS' })
    }
    const names = altinnNames(platform, () => at)

    await expect(names.namesOf([kari])).rejects.toThrow('no answer')
    isUp = true
    expect(await names.namesOf([kari])).toEqual(['KARI AS'])
  })

  test('are not asked for any more once Register has not answered', async () => {
    let asked = 0
    const platform: Platform = async () => {
      asked++
      throw new Error('no answer')
    }
    const names = altinnNames(platform, () => at)

    const all = Array.from({ length: 50 }, (_, index) => String(index) as typeof kari)
    await expect(names.namesOf(all)).rejects.toThrow('no answer')
    await new Promise((resolve) => setImmediate(resolve))

    expect(asked).toBeLessThanOrEqual(10)
  })
})
