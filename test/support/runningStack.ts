import type { Stack } from '../../local/stack.js'

type Environment = Record<string, string | undefined>

/** What tests use of a stack that somebody else started, beside its address. */
const NEEDED = {
  ALTINN_URL: 'address of its Altinn simulator',
  APP_PID: 'process that runs the code of the app (the worker, under Core Tools), whose memory is measured',
  Tables: 'its connection string',
  ScannedBlobs: 'its connection string',
  UnscannedBlobs: 'its connection string',
  ServiceBus: 'its connection string',
  MASKINPORTEN_METADATA_URL: 'its setting',
  MASKINPORTEN_CLIENT_ID: 'its setting',
  MASKINPORTEN_JWK: 'its setting',
}

/** What a file of tests asks of its stack beyond that. */
export type Asked = {
  /** Settings that it must run with. */
  settings: Record<string, string>
  /** Why it must be a stack that the file starts itself, if so. */
  ownBecause: string[]
}

/**
 * The stack at BROKER_URL, if it is set: it is left running. What else the tests need of it they find in the
 * environment.
 * @throws with all that is missing, so that no test fails later for want of it.
 */
export function runningStack(environment: Environment, { settings, ownBecause }: Asked): Stack | undefined {
  const { BROKER_URL, ALTINN_URL = '', APP_PID } = environment
  if (!BROKER_URL) return undefined
  const missing = [
    ...Object.entries(NEEDED).flatMap(([name, what]) => (environment[name] ? [] : [`${name}: ${what}`])),
    ...Object.entries(settings).flatMap(([name, value]) =>
      environment[name] === value ? [] : [`${name}=${value}: a setting that the stack must run with, here and there`],
    ),
    ...ownBecause.map((why) => `a stack that the tests start themselves, without BROKER_URL: ${why}`),
  ]
  if (missing.length > 0) {
    throw new Error(['BROKER_URL is set, so these tests use the stack there. They also need', ...missing].join('\n  '))
  }
  const port = Number(new URL(BROKER_URL).port)
  return foreignStack({
    urls: { app: BROKER_URL, altinn: ALTINN_URL, console: '' },
    ports: { app: port } as Stack['ports'],
    settings: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? ''])),
    appPid: Number(APP_PID),
  })
}

/** A stack that another process has started, and stops. */
export function foreignStack(described: Pick<Stack, 'urls' | 'ports' | 'settings' | 'appPid'>): Stack {
  const own = async () => {
    throw new Error('Only a stack that the tests start themselves, without BROKER_URL, can be stopped and looked into.')
  }
  return {
    ...described,
    host: 'embedded',
    busCounts: own,
    killApp: own,
    stopApp: own,
    startApp: own,
    partEnded: own,
    stop: async () => {},
  }
}
