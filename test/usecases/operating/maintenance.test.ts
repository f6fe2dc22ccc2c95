import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { maintain, type Task, tasks } from '../../../src/usecases/operating/maintenance.js'
import { memoryNightlyRuns } from '../../memory/memoryNightlyRuns.js'
import { until } from '../../support/until.js'

const names = Object.keys(tasks) as Task[]
const nightly = names.filter((task) => tasks[task] !== undefined)
const frequent = names.filter((task) => tasks[task] === undefined)
const HOUR_MS = 3_600_000

let now: Date
let ran: Task[]
let logged: [string, unknown][]
let nightlyRuns: ReturnType<typeof memoryNightlyRuns>
/** What a task does; nothing, unless a test says so. */
let does: Partial<Record<Task, () => Promise<unknown>>>
let waits: boolean
let waiting: AbortSignal | undefined

beforeEach(() => {
  now = new Date('2026-11-27T12:00:00Z')
  ran = []
  logged = []
  does = {}
  waits = true
  nightlyRuns = memoryNightlyRuns()
})

/** The timer of one instance. It waits for slow tasks until the test says otherwise, and then not at all. */
const instance = (disabled: Task[] = []) =>
  maintain({
    work: Object.fromEntries(
      names.map((task) => [
        task,
        async () => {
          ran.push(task)
          await does[task]?.()
        },
      ]),
    ) as Record<Task, () => Promise<unknown>>,
    nightlyRuns,
    isDisabled: (task) => disabled.includes(task),
    now: () => now,
    pause: (_, value, options) => {
      waiting = options.signal
      return waits ? pause(HOUR_MS, value, options) : pause(0)
    },
    log: (code, details) => void logged.push([code, details]),
  })

const advance = (hours: number) => {
  now = new Date(now.getTime() + hours * HOUR_MS)
}
const countOf = (task: Task) => ran.filter((each) => each === task).length
const down = async () => {
  throw new Error('It is down.')
}

describe('a tick of the timer', () => {
  test('runs the frequent tasks every time, and the nightly ones not before their night has come', async () => {
    const tick = instance()
    await tick()
    await tick()

    expect(ran).toEqual([...frequent, ...frequent])
    expect(waiting?.aborted).toBe(true)

    advance(24)
    await tick()
    await tick()

    for (const task of nightly) expect(countOf(task)).toBe(1)
  })

  test.each(names)('runs all others when %s fails, and fails at the end', async (task) => {
    const tick = instance()
    await tick()
    advance(24)
    ran = []
    does[task] = down

    await expect(tick()).rejects.toThrow(`Failed: ${task}`)

    expect(ran.toSorted()).toEqual(names.toSorted())
    expect(logged).toContainEqual(['maintenance.taskFailed', { task, error: 'Error: It is down.' }])
  })

  test.each(names)('does not hold up the others when %s is slow, and does not start it twice', async (task) => {
    const tick = instance()
    await tick()
    advance(24)
    ran = []
    const slow = Promise.withResolvers<void>()
    does[task] = () => slow.promise
    waits = false

    await tick()
    await tick()
    await tick()

    expect(countOf(task)).toBe(1)
    for (const other of frequent.filter((each) => each !== task)) expect(countOf(other)).toBe(3)
    expect(logged.filter(([code]) => code === 'maintenance.taskRunning')).toEqual(
      Array(3).fill(['maintenance.taskRunning', { task }]),
    )

    slow.resolve()
    waits = true
    await tick()
    logged = []
    await tick()

    expect(logged).toEqual([])
    expect(countOf(task)).toBe(nightly.includes(task) ? 1 : 2)
  })

  test('reports a task that failed after an earlier tick had left it running, once', async () => {
    const tick = instance()
    const slow = Promise.withResolvers<void>()
    does.expireDue = () => slow.promise
    waits = false
    await tick()

    does.expireDue = async () => {}
    slow.reject(new Error('It is down.'))
    await until(() => expect(logged.at(-1)?.[0]).toBe('maintenance.taskFailed'))

    waits = true
    await expect(tick()).rejects.toThrow('Failed: expireDue')
    await expect(tick()).resolves.toBeUndefined()
  })
})

describe('a nightly task', () => {
  test('runs once a night, though instances restart and several tick at the same time', async () => {
    await instance()()
    for (let night = 1; night <= 3; night++) {
      advance(24)
      await Promise.all([instance(), instance(), instance()].map((tick) => tick()))
      advance(1)
      await Promise.all([instance()(), instance()()])
      advance(-1)
      for (const task of nightly) expect(countOf(task)).toBe(night)
    }
  })

  test('that failed is retried after an hour, and not at every tick', async () => {
    const tick = instance()
    await tick()
    advance(24)
    does.sweepOrphans = down
    await expect(tick()).rejects.toThrow('sweepOrphans')
    await tick()
    expect(countOf('sweepOrphans')).toBe(1)

    does = {}
    advance(1)
    await tick()
    await tick()

    expect(countOf('sweepOrphans')).toBe(2)
  })

  test('that was late, and ran into the next night, runs in that night, too', async () => {
    const tick = instance()
    await tick()
    now = new Date('2026-11-29T02:10:00Z')
    does.sweepOrphans = async () => advance(0.5)
    await tick()
    does = {}
    await tick()

    expect(countOf('sweepOrphans')).toBe(2)
  })

  test('is retried by another instance when the process died in it', async () => {
    await instance()()
    advance(24)
    does.sweepOrphans = () => new Promise(() => {})
    waits = false
    await instance()()
    does = {}
    waits = true

    await instance()()
    expect(countOf('sweepOrphans')).toBe(1)
    advance(1)
    await instance()()

    expect(countOf('sweepOrphans')).toBe(2)
  })
})

describe('a disabled task', () => {
  test('does not run and says so at the start; it is caught up with when it is enabled again', async () => {
    await instance()()
    ran = []
    advance(48)
    const tick = instance(['sweepOrphans'])
    await tick()
    await tick()

    expect(countOf('sweepOrphans')).toBe(0)
    expect(countOf('refreshStatistics')).toBe(1)
    expect(logged.filter(([code]) => code === 'maintenance.taskDisabled')).toEqual([
      ['maintenance.taskDisabled', { task: 'sweepOrphans' }],
    ])

    await instance()()

    expect(countOf('sweepOrphans')).toBe(1)
  })
})
