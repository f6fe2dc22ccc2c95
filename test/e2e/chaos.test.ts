import { expect, test } from 'vitest'
import { chaos } from '../../tools/chaos/chaos.js'

test('an app that is killed while it works loses nothing, and publishes each event once', async () => {
  const kills = { afterMs: [1000, 2500] as [number, number], most: 2 }

  const { wrong, kills: killed } = await chaos({ seed: 20, transfers: 12, kills, log: () => {} })

  expect(wrong).toEqual([])
  expect(killed).toBeGreaterThan(0)
})
