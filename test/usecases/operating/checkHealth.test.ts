import { describe, expect, test } from 'vitest'
import { checkHealth } from '../../../src/usecases/operating/checkHealth.js'

/** Two dependencies that answer when they are let, and how often each was asked. */
function world() {
  const asked = { tables: 0, bus: 0 }
  let answer = Promise.withResolvers<void>()
  const clock = { ms: 1000 }
  const ask = (name: keyof typeof asked) => () => {
    asked[name]++
    return answer.promise
  }
  const ofChecks = { tables: ask('tables'), bus: ask('bus') }
  const logged: string[] = []
  const health = checkHealth(
    ofChecks,
    (event) => void logged.push(event),
    () => clock.ms,
  )
  return {
    asked,
    clock,
    health,
    logged,
    up: () => answer.resolve(),
    down: () => answer.reject(new Error('ECONNREFUSED')),
    again: () => {
      answer = Promise.withResolvers<void>()
    },
  }
}

describe('checking health', () => {
  test('asks each dependency once, however many callers come meanwhile', async () => {
    const { asked, health, up, clock } = world()

    const callers = Array.from({ length: 50 }, () => {
      clock.ms += 1000 // a check that takes its time is still the one under way
      return health()
    })
    up()

    expect(await Promise.all(callers)).toEqual(Array(50).fill([]))
    expect(asked).toEqual({ tables: 1, bus: 1 })
  })

  test.each<['up' | 'down', string[]]>([
    ['up', []],
    ['down', ['tables', 'bus']],
  ])('answers for five seconds with what it found, here %s, and then asks again', async (state, names) => {
    const { asked, health, clock, ...others } = world()
    const first = health()
    others[state]()
    expect(await first).toEqual(names)

    clock.ms += 4999
    expect(await health()).toEqual(names)
    expect(asked).toEqual({ tables: 1, bus: 1 })

    clock.ms += 1
    others.again()
    const next = health()
    others.up()
    expect(await next).toEqual([])
    expect(asked).toEqual({ tables: 2, bus: 2 })
  })

  test('counts the five seconds from when the answer was there', async () => {
    const { asked, health, clock, up } = world()
    const first = health()
    clock.ms += 4000
    up()
    await first

    clock.ms += 4999
    await health()

    expect(asked).toEqual({ tables: 1, bus: 1 })
  })

  test('is by itself in each app', async () => {
    const [one, other] = [world(), world()]
    one.down()
    other.up()

    expect([await one.health(), await other.health()]).toEqual([['tables', 'bus'], []])
  })

  test('logs what is down once for each check', async () => {
    const { health, down, logged } = world()
    down()

    await Promise.all([health(), health()])
    await health()

    expect(logged).toEqual(['health.dependencyDown', 'health.dependencyDown'])
  })
})
