import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const script = join(import.meta.dirname, '../../tools/deployment/allowAddress.ts')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'az-'))
})
afterEach(() => rm(folder, { recursive: true }))

const caller = { name: 'caller-0', action: 'Allow', priority: 100, ipAddress: '198.51.100.0/24', tag: 'Default' }
const byDefault = { name: 'Deny all', action: 'Deny', priority: 2147483647, ipAddress: 'Any' }
const own = { name: 'deployment', action: 'Allow', priority: 1, ipAddress: '203.0.113.7/32' }

/** Runs the script with an `az` that has these rules. What it was asked for, and the rules that it was sent. */
async function run(properties: object, args: string[]) {
  const calls = join(folder, 'calls')
  await writeFile(
    join(folder, 'az'),
    `#!${process.execPath}
require('node:fs').appendFileSync(${JSON.stringify(calls)}, JSON.stringify(process.argv.slice(2)) + '\\n')
if (process.argv.includes('get')) console.log(${JSON.stringify(JSON.stringify({ properties }))})
`,
  )
  await chmod(join(folder, 'az'), 0o755)
  const env = { ...process.env, PATH: folder + delimiter + process.env.PATH }
  await promisify(execFile)(process.execPath, [script, 'rg', 'func', ...args], { env })
  const asked = (await readFile(calls, 'utf8')).trim().split('\n')
  const [get = [], patch = []] = asked.map((line) => JSON.parse(line) as string[])
  return { get, patch, sent: JSON.parse(patch.at(-1) ?? '').properties }
}

describe('letting an address in', () => {
  test('asks for the access rules of the site, and sends nothing else back', async () => {
    const { get, patch, sent } = await run({ scmIpSecurityRestrictions: [byDefault], ftpsState: 'x' }, ['203.0.113.7'])

    const url =
      '/subscriptions/{subscriptionId}/resourceGroups/rg/providers/Microsoft.Web/sites/func/config/web?api-version=2024-11-01'
    expect(get.slice(0, 5)).toEqual(['rest', '--method', 'get', '--url', url])
    expect(patch.slice(0, 5)).toEqual(['rest', '--method', 'patch', '--url', url])
    expect(sent).toEqual({ scmIpSecurityRestrictions: [own] })
  })

  test('keeps the other rules, and has one of its own', async () => {
    const left = { ...own, ipAddress: '192.0.2.1/32' }
    const rules = { scmIpSecurityRestrictions: null, ipSecurityRestrictions: [left, caller, byDefault] }
    const { sent } = await run(rules, ['203.0.113.7', '--app'])

    expect(sent).toEqual({ scmIpSecurityRestrictions: [own], ipSecurityRestrictions: [own, caller] })
  })

  test('is taken back', async () => {
    const rules = { scmIpSecurityRestrictions: [own, byDefault], ipSecurityRestrictions: [own, caller, byDefault] }

    expect((await run(rules, ['--app'])).sent).toEqual({
      scmIpSecurityRestrictions: [],
      ipSecurityRestrictions: [caller],
    })
  })
})
