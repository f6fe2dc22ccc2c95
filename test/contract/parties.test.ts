import { describe, expect, test } from 'vitest'
import type { Platform } from '../../src/adapters/altinn/platform.js'
import { altinnParties } from '../../src/adapters/altinn/register.js'
import { azuriteTables } from '../support/azurite.js'
import { at, kari, later } from '../support/samples.js'

const newTable = azuriteTables()

/** Register, which knows nobody until it `knows`, and how often it was asked. */
function register() {
  const state = { knows: false, asked: 0 }
  const platform: Platform = async () => {
    state.asked++
    return state.knows ? Response.json({ partyId: 50986252 }) : new Response('No such party', { status: 404 })
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
