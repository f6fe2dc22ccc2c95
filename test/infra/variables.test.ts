import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { findCompiler, root } from '../../tools/bicep/compiler.ts'
import { SHORT_LIVED } from '../support/otherPrograms.js'
import { ENVIRONMENTS, textOf } from './snapshot.js'

// A variable that GitHub does not have arrives as an empty text, not as none.

const bicep = findCompiler()

const NEEDED = { ALERT_EMAIL: 'duty@example.org', BUDGET_FROM: '2026-12-01', MASKINPORTEN_CLIENT_ID: 'client' }
const ALL = ENVIRONMENTS.flatMap(readVariables)
const EMPTY = Object.fromEntries(ALL.map((name) => [name, '']))

/** The variables that are set, in each case. */
const CASES = {
  none: {},
  empty: EMPTY,
  onlyBudget: { BUDGET_FROM: NEEDED.BUDGET_FROM },
  emptyButBudget: { ...EMPTY, BUDGET_FROM: NEEDED.BUDGET_FROM },
  needed: NEEDED,
  emptyButNeeded: { ...EMPTY, ...NEEDED },
  more: { ...NEEDED, HAS_ALTINN_SUBSCRIPTION_KEY: 'false', OPERATOR_ADDRESS: '192.0.2.1/32' },
}
type Case = keyof typeof CASES

/**
 * What the files of all environments give in a case, by environment, and what the compiler says against them:
 * `test 8: BCP427`.
 */
type Compiled = { values: Record<string, Record<string, unknown>>; faults: string[] }

/** Every case in one run of the compiler: a copy of the files for each, whose variables begin with its name. */
function compileAll(): (name: Case) => Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'parameters-'))
  const infra = relative(realpathSync(folder), join(root, 'infra'))
  const files = Object.keys(CASES).flatMap((name) => ENVIRONMENTS.map((environment) => ({ name, environment })))
  for (const { name, environment } of files) {
    const text = textOf(`infra/environments/${environment}.bicepparam`)
      .replaceAll("readEnvironmentVariable('", `$&${name}_`)
      .replace("'../main.bicep'", `'${infra}/main.bicep'`)
      .replace("'variables.bicep'", `'${infra}/environments/variables.bicep'`)
    writeFileSync(join(folder, `${name}_${environment}.bicepparam`), text)
  }
  const variables = Object.entries(CASES).flatMap(([name, values]) =>
    Object.entries(values).map(([variable, value]) => [`${name}_${variable}`, value]),
  )
  const { PATH = '', HOME = '' } = process.env
  const { stderr } = spawnSync(bicep ?? '', ['build-params', '--pattern', '*.bicepparam', '--outdir', folder], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, HOME, ...SHORT_LIVED, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', ...Object.fromEntries(variables) },
  })
  const written = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const contents = new Map(written.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]))
  rmSync(folder, { recursive: true })

  return (name) => {
    const values = ENVIRONMENTS.flatMap((environment) => {
      const parameters = contents.get(`${name}_${environment}.json`)?.parameters as Record<string, { value: unknown }>
      const named = Object.entries(parameters ?? {}).map(([parameter, { value }]) => [parameter, value])
      return parameters ? [[environment, Object.fromEntries(named)]] : []
    })
    const said = stderr.matchAll(new RegExp(`/${name}_(\\w+)\\.bicepparam\\((\\d+),\\d+\\) : \\w+ (BCP\\d+)`, 'g'))
    const faults = Array.from(said, ([, environment, line, code]) => `${environment} ${line}: ${code}`).sort()
    return { values: Object.fromEntries(values), faults }
  }
}

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
  let compiled: (name: Case) => Compiled
  beforeAll(() => {
    compiled = compileAll()
  })

  test.each([
    ['are not there', 'BCP427', 'none'],
    ['are empty', 'BCP333', 'empty'],
  ] as const)('are refused where the variables that are needed %s', (_, code, name) => {
    expect(compiled(name).faults).toEqual(refusals(code).sort())
  })

  test.each([
    ['are not there', 'onlyBudget'],
    ['are empty', 'emptyButBudget'],
  ] as const)('of dev do without the others when they %s', (_, name) => {
    const { values } = compiled(name)

    expect(values.dev).toMatchObject({
      emails: ['nobody@example.org'],
      hasAltinnSubscriptionKey: true,
      settings: { MASKINPORTEN_CLIENT_ID: 'not-yet-known', STATISTICS_API_KEY_HASH: '' },
    })
  })

  test('take an empty text for none where nothing is needed', () => {
    const { values, faults } = compiled('emptyButNeeded')

    expect({ values, faults }).toEqual({ ...compiled('needed'), faults: [] })
    for (const environment of ENVIRONMENTS) {
      expect(values[environment]).toMatchObject({
        emails: ['duty@example.org'],
        hasAltinnSubscriptionKey: true,
        settings: { MASKINPORTEN_CLIENT_ID: 'client' },
      })
    }
  })

  test('are those of the variables that are set', () => {
    const { values } = compiled('more')

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
