import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

// A variable that GitHub does not have arrives as an empty text, not as none.

const root = join(import.meta.dirname, '../..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

/** The compiler: on PATH, or where `check:infra` has restored it. */
const bicep = [
  'bicep',
  ...globSync('node_modules/.cache/**/azure.bicep.commandline.linux-x64/*/tools/bicep', { cwd: root }),
].find((each) => spawnSync(each, ['--version'], { cwd: root }).status === 0)

/** What the file of an environment gives, or what the compiler says against it. */
function compiled(environment: string, variables: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const { status, stdout, stderr } = spawnSync(
    bicep ?? '',
    ['build-params', `infra/environments/${environment}.bicepparam`, '--stdout'],
    { cwd: root, encoding: 'utf8', env: { PATH, HOME, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', ...variables } },
  )
  if (status !== 0) return { refused: stderr }
  const { parameters } = JSON.parse(JSON.parse(stdout).parametersJson)
  return Object.fromEntries(
    Object.entries(parameters as Record<string, { value: unknown }>).map(([n, p]) => [n, p.value]),
  )
}

const NEEDED = { ALERT_EMAIL: 'duty@example.org', MASKINPORTEN_CLIENT_ID: 'client' }
const needed = Object.keys(NEEDED)

test('the compiler is there in CI', () => {
  if (process.env.CI) expect(bicep).toBeDefined()
})

describe.runIf(bicep)('the environments test and prod', () => {
  const cases = ['test', 'prod'].flatMap((environment) => needed.map((name) => [environment, name] as const))

  test.each(cases)('%s is refused without %s, and with an empty one', (environment, name) => {
    const { [name as keyof typeof NEEDED]: _, ...others } = NEEDED

    expect(compiled(environment, others).refused).toContain('BCP427')
    expect(compiled(environment, { ...others, [name]: '' }).refused).toContain('BCP333')
  })

  test.each(['test', 'prod'])('%s takes an empty text for none where nothing is needed', (environment) => {
    const empty = { HAS_ALTINN_SUBSCRIPTION_KEY: '', OPERATOR_ADDRESS: '', STATISTICS_API_KEY_HASH: '' }

    expect(compiled(environment, { ...NEEDED, ...empty })).toEqual(compiled(environment, NEEDED))
    expect(compiled(environment, NEEDED)).toMatchObject({
      emails: ['duty@example.org'],
      hasAltinnSubscriptionKey: true,
      settings: { MASKINPORTEN_CLIENT_ID: 'client', STATISTICS_API_KEY_HASH: '' },
    })
  })
})

describe.runIf(bicep)('the environment dev', () => {
  test('does without any variable, and takes an empty text for none', () => {
    const names = readVariables('dev')

    expect(names.length).toBeGreaterThan(3)
    expect(compiled('dev', Object.fromEntries(names.map((name) => [name, ''])))).toEqual(compiled('dev', {}))
    expect(compiled('dev', {})).toMatchObject({ hasAltinnSubscriptionKey: true })
    expect(compiled('dev', { HAS_ALTINN_SUBSCRIPTION_KEY: 'false' })).toMatchObject({ hasAltinnSubscriptionKey: false })
  })
})

describe('the workflow', () => {
  test('hands on every variable that an environment reads', () => {
    const { env } = parse(textOf('.github/workflows/deployTo.yml')).jobs.deploy

    for (const name of ['dev', 'test', 'prod'].flatMap(readVariables)) {
      expect(env[name]).toBe(`\${{ vars.${name} }}`)
    }
  })
})

function readVariables(environment: string): string[] {
  const text = textOf(`infra/environments/${environment}.bicepparam`)
  return [...text.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = '']) => name)
}
