import { describe, expect, test } from 'vitest'
import { keepRunning } from '../../../local/start/keepRunning.js'

/** A stack whose parts end in this order, and whose app starts if `startsAgain`. Says what was said. */
async function kept(ends: { name: string; how: string }[], startsAgain = true) {
  const said: string[] = []
  let starts = 0
  const stack = {
    appPid: 7,
    partEnded: async () => ends.shift() ?? { name: 'bus', how: 'the test is over' },
    startApp: async () => {
      starts += 1
      if (!startsAgain) throw new Error('app did not start: a setting is missing')
    },
  }
  const why = await keepRunning(stack, (line) => said.push(line), [0, 10, 20])
  return { why, said, starts }
}
const killed = { name: 'app', how: 'SIGKILL' }

describe('an app that ends', () => {
  test('starts again, and both is said', async () => {
    const { said, starts } = await kept([killed])

    expect(said).toEqual(['The app has ended (SIGKILL). It starts again ...', 'The app is running again (process 7).'])
    expect(starts).toBe(1)
  })

  test('again and again is started after longer pauses, and then no more', async () => {
    const { why, said, starts } = await kept(Array(5).fill(killed))

    expect(said.filter((line) => line.includes('starts again'))).toEqual([
      'The app has ended (SIGKILL). It starts again ...',
      'The app has ended (SIGKILL). It starts again in 0.01 s ...',
      'The app has ended (SIGKILL). It starts again in 0.02 s ...',
    ])
    expect(starts).toBe(3)
    expect(why).toContain('again and again (SIGKILL)')
  })

  test('and does not start again is given up in the same way, with the reason', async () => {
    const { why, starts } = await kept([killed], false)

    expect(starts).toBe(3)
    expect(why).toContain('app did not start: a setting is missing')
  })
})

test('a part that holds what the app needs is not started again', async () => {
  const { why, starts } = await kept([{ name: 'azurite', how: 'code 1' }])

  expect(why).toContain('azurite has ended (code 1)')
  expect(starts).toBe(0)
})
