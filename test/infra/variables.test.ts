import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findCompiler, root } from '../../tools/bicep/compiler.ts'
import { ENVIRONMENTS, textOf } from './snapshot.js'

// A variable that GitHub does not have arrives as an empty text, not as none.

const bicep = findCompiler()

/**
 * What the files of all environments give, by environment, and what the compiler says against them: `test 8: BCP427`.
 */
function compiled(variables: Record<string, string>) {
  const { PATH = '', HOME = '' } = process.env
  const folder = mkdtempSync(join(tmpdir(), 'parameters-'))
  const options = ['--pattern', 'infra/environments/*.bicepparam', '--outdir', folder]
  const { stderr } = spawnSync(bicep ?? '', ['build-params', ...options], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH, HOME, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', ...variables },
  })
  const values = Object.fromEntries(
    readdirSync(folder).map((name) => {
      const { parameters } = JSON.parse(readFileSync(join(folder, name), 'utf8'))
      const named = Object.entries(parameters as Record<string, { value: unknown }>)
      return [name.replace('.json', ''), Object.fromEntries(named.map(([parameter, { value }]) => [parameter, value]))]
    }),
  )
  rmSync(folder, { recursive: true })
  const faults = [...stderr.matchAll(/(\w+)\.bicepparam\((\d+),\d+\) : \w+ (BCP\d+)/g)]
  const said = faults.filter(([, file = '']) => ENVIRONMENTS.some((each) => each === file))
  return { values, faults: said.map(([, file, line, code]) => `${file} ${line}: ${code}`).sort() }
}

const NEEDED = { ALERT_EMAIL: 'duty@example.org', BUDGET_FROM: '2026-12-01', MASKINPORTEN_CLIENT_ID: 'client' }
const ALL = ENVIRONMENTS.flatMap(readVariables)
const EMPTY = Object.fromEntries(ALL.map((name) => [name, '']))
const SLOW = { timeout: 120_000 }

/** A fault at each line that reads one of the variables that are needed; dev can do without most. */
const refusals = (code: string) =>
  ENVIRONMENTS.flatMap((environment) => {
    const lines = textOf(`infra/environments/${environment}.bicepparam`).split('\n')
    const needed = environment === 'dev' ? ['BUDGET_FROM'] : Object.keys(NEEDED)
    const reading = needed.map((name) => lines.findIndex((line) => line.includes(`('${name}'`)) + 1)
    return reading.map((line) => `${environment} ${line}: ${code}`)
  })

test('the compiler is there in CI', () => {
  if (process.env.CI) expect(bicep).toBeDefined()
})

describe.runIf(bicep)('the parameters', () => {
  test.each([
    ['are not there', 'BCP427', {}],
    ['are empty', 'BCP333', EMPTY],
  ])('are refused where the variables that are needed %s', SLOW, (_, code, variables) => {
    expect(compiled(variables).faults).toEqual(refusals(code).sort())
  })

  test.each([
    ['are not there', {}],
    ['are empty', EMPTY],
  ])('of dev do without the others when they %s', SLOW, (_, variables) => {
    const { BUDGET_FROM } = NEEDED
    const { values } = compiled({ ...variables, BUDGET_FROM })

    expect(values.dev).toMatchObject({
      emails: ['nobody@example.org'],
      hasAltinnSubscriptionKey: true,
      settings: { MASKINPORTEN_CLIENT_ID: 'not-yet-known', STATISTICS_API_KEY_HASH: '' },
    })
  })

  test('take an empty text for none where nothing is needed', SLOW, () => {
    const { values, faults } = compiled({ ...EMPTY, ...NEEDED })

    expect({ values, faults }).toEqual({ ...compiled(NEEDED), faults: [] })
    for (const environment of ENVIRONMENTS) {
      expect(values[environment]).toMatchObject({
        emails: ['duty@example.org'],
        hasAltinnSubscriptionKey: true,
        settings: { MASKINPORTEN_CLIENT_ID: 'client' },
      })
    }
  })

  test('are those of the variables that are set', SLOW, () => {
    const { values } = compiled({ ...NEEDED, HAS_ALTINN_SUBSCRIPTION_KEY: 'false', OPERATOR_ADDRESS: '192.0.2.1/32' })

    expect(ENVIRONMENTS.map((each) => values[each]?.hasAltinnSubscriptionKey)).toEqual([false, false, false])
    expect(values.prod).toMatchObject({ operatorAddresses: ['192.0.2.1/32'] })
  })
})

describe('the workflow', () => {
  test('hands on every variable that an environment reads', () => {
    const { env } = parse(textOf('.github/workflows/deployTo.yml')).jobs.deploy

    for (const name of ALL) {
      expect(env[name]).toBe(`\${{ vars.${name} }}`)
    }
  })
})

function readVariables(environment: string): string[] {
  const text = textOf(`infra/environments/${environment}.bicepparam`)
  return [...text.matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = '']) => name)
}
