import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache, findCompiler, PLACE, root } from './bicep/compiler.ts'

// `npm run check:infra` compiles and lints the templates, checks their format, and evaluates them for each environment
// against its snapshot. `npm run snapshots` formats them and writes the snapshots. Neither needs a login, or a network
// once the compiler is there.

const environments = globSync('infra/environments/*.bicepparam', { cwd: root }).sort()

/** What a deployment has from variables of its environment (docs/operations/deploy.md). */
const VARIABLES = {
  ALERT_EMAIL: 'duty@example.org',
  ALERT_SMS: '99999999',
  ALERT_WEBHOOK: '',
  MASKINPORTEN_CLIENT_ID: '00000000-0000-0000-0000-000000000003',
  STATISTICS_API_KEY_HASH: '',
  HAS_ALTINN_SUBSCRIPTION_KEY: 'true',
  OPERATOR_ADDRESS: '192.0.2.1/32',
  CALLER_ADDRESSES: '198.51.100.0/24 203.0.113.7/32',
  BUDGET_FROM: '2026-12-01',
  DEPLOYER_PRINCIPAL_ID: '00000000-0000-0000-0000-000000000004',
  DEPLOYER_CAN_LOCK: 'true',
}

/** Runs the compiler. Whatever it says is a finding: a warning ends with status 0. */
function run(compiler: string, args: string[], cwd = root): string[] {
  const { status, stdout, stderr } = spawnSync(compiler, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...VARIABLES },
  })
  const lines = [...new Set(`${stderr}${stdout}`.split('\n').filter((line) => line.trim() !== ''))]
  return status === 0 || lines.length > 0 ? lines : [`${args.join(' ')} ended with ${status}`]
}

const lint = (compiler: string) => run(compiler, ['lint', '--pattern', 'infra/environments/*.bicepparam'])

function compareFormat(compiler: string): string[] {
  const copy = join(cache, 'formatted')
  rmSync(copy, { recursive: true, force: true })
  mkdirSync(copy, { recursive: true })
  cpSync(join(root, 'infra'), join(copy, 'infra'), { recursive: true })
  const failed = run(compiler, ['format', '--pattern', 'infra/**/*.bicep*'], copy)
  const changed = globSync('infra/**/*.bicep*', { cwd: root })
    .filter((path) => existsSync(join(copy, path)))
    .filter((path) => readFileSync(join(root, path), 'utf8') !== readFileSync(join(copy, path), 'utf8'))
  return [...failed, ...changed.map((path) => `${path} is not formatted: npm run snapshots`)]
}

const snapshot = (compiler: string, mode: 'overwrite' | 'validate') =>
  environments.flatMap((path) => run(compiler, ['snapshot', path, '--mode', mode, ...PLACE]))

/** The compiler writes the outputs in another order each time. */
function sortOutputs() {
  for (const path of globSync('infra/environments/*.snapshot.json', { cwd: root }).map((each) => join(root, each))) {
    const { outputs, ...others } = JSON.parse(readFileSync(path, 'utf8'))
    const sorted = Object.fromEntries(Object.entries(outputs).sort(([one], [other]) => (one < other ? -1 : 1)))
    writeFileSync(path, JSON.stringify({ ...others, outputs: sorted }, null, 2))
  }
}

const compiler = findCompiler()
if (compiler === undefined) {
  console.log(
    'SKIPPED: the templates were not compiled: neither `bicep` nor `dotnet restore` of its package works here.',
  )
  process.exit(process.env.CI ? 1 : 0)
}
const [, , command] = process.argv
const findings =
  command === 'snapshots'
    ? [...run(compiler, ['format', '--pattern', 'infra/**/*.bicep*']), ...snapshot(compiler, 'overwrite')]
    : [...lint(compiler), ...compareFormat(compiler), ...snapshot(compiler, 'validate')]
if (command === 'snapshots') sortOutputs()
for (const line of findings) console.error(line)
if (findings.length > 0) process.exit(1)
console.log(
  `Bicep: ${environments.length} files of parameters ${command === 'snapshots' ? 'written' : 'compiled, linted, formatted, and as in their snapshots'}`,
)
