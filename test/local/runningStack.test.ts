import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startJourney } from '../support/journey.js'
import { type Asked, runningStack } from '../support/runningStack.js'

const complete: Record<string, string> = {
  ALTINN_URL: 'http://127.0.0.1:2',
  APP_PID: '3',
  Tables: 'tables',
  ScannedBlobs: 'scanned',
  UnscannedBlobs: 'unscanned',
  ServiceBus: 'bus',
  MASKINPORTEN_METADATA_URL: 'http://127.0.0.1:2/metadata',
  MASKINPORTEN_CLIENT_ID: 'client',
  MASKINPORTEN_JWK: 'key',
}
const BROKER_URL = 'http://127.0.0.1:1'
const nothing: Asked = { settings: {}, ownBecause: [] }

/** The lines of the error that is thrown. */
const linesOf = (environment: Record<string, string>, asked: Asked): string[] => {
  try {
    runningStack(environment, asked)
  } catch (error) {
    return (error as Error).message.split('\n')
  }
  return []
}

describe('tests with BROKER_URL', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('use the stack there when they have all that they need of it', () => {
    const stack = runningStack(
      { ...complete, BROKER_URL, RATE_LIMITS: 'x=1' },
      { ...nothing, settings: { RATE_LIMITS: 'x=1' } },
    )

    expect(stack).toMatchObject({
      urls: { app: BROKER_URL, altinn: complete.ALTINN_URL },
      ports: { app: 1 },
      appPid: 3,
      settings: complete,
    })
  })

  test('name all that is missing in one message, and nothing else', () => {
    const settings = { RATE_LIMITS: 'x=1', CORS_ORIGINS: 'http://page' }
    const all = { ...complete, ...settings }
    const subset = fc.subarray(Object.keys(all))
    const reasons = fc.subarray(['it must be empty', 'its log is read'])

    fc.assert(
      fc.property(subset, subset, reasons, (absent, empty, ownBecause) => {
        const environment = { ...all, ...Object.fromEntries(empty.map((name) => [name, ''])), BROKER_URL }
        for (const name of absent) delete (environment as Record<string, string>)[name]

        const [, ...lines] = linesOf(environment, { settings, ownBecause })

        const named = lines.map((line) => /^ {2}(\w+)[:=]/.exec(line)?.[1]).filter((name) => name !== undefined)
        expect(named.sort()).toEqual([...new Set([...absent, ...empty])].sort())
        expect(lines.length - named.length).toBe(ownBecause.length)
      }),
    )
  })

  test('say so when the stack has another value of a setting that they ask for', () => {
    const environment = { ...complete, BROKER_URL, RATE_LIMITS: 'x=2' }

    expect(linesOf(environment, { ...nothing, settings: { RATE_LIMITS: 'x=1' } })).toEqual([
      'BROKER_URL is set, so these tests use the stack there. They also need',
      '  RATE_LIMITS=x=1: a setting that the stack must run with, here and there',
    ])
  })

  test.each(['killApp', 'stopApp', 'startApp', 'busCounts'] as const)('say that they cannot %s there', async (act) => {
    const stack = runningStack({ ...complete, BROKER_URL }, nothing)

    await expect(stack?.[act]()).rejects.toThrow('Only a stack that the tests start themselves, without BROKER_URL')
  })

  test.each([
    ['settings that are made', async () => ({}), {}, 'its settings are made here'],
    ['an empty stack', {}, { isEmpty: true }, 'it must be empty'],
    ['an app that they stop', {}, { isStopped: true }, 'its app is stopped'],
    ['the log', {}, { log: () => {} }, 'its log is read'],
    ['the address of the simulator', {}, {}, 'ALTINN_URL'],
  ])('say it before they start: %s', async (_, settings, options, sentence) => {
    vi.stubEnv('BROKER_URL', BROKER_URL)
    vi.stubEnv('ALTINN_URL', '')

    await expect(startJourney(settings, options)).rejects.toThrow(sentence)
  })
})

test('tests without BROKER_URL start a stack of their own', () => {
  expect(runningStack({ ...complete, BROKER_URL: '' }, nothing)).toBeUndefined()
})
