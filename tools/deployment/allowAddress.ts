import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'

// `node tools/deployment/allowAddress.ts GROUP APP ADDRESS`: allows an address to reach the site of an app that takes
// packages, and with `--app` the app itself; without an address it removes that rule. Uses the Azure CLI and its login.
// Not its `access-restriction`, which sends all settings of a site back, and Flex Consumption refuses some of them
// (https://github.com/Azure/azure-cli/issues/31414). One file without packages, so that the workflow runs it without an
// installation.

const { positionals, values } = parseArgs({ allowPositionals: true, options: { app: { type: 'boolean' } } })
const [group, app, address] = positionals
if (group === undefined || app === undefined)
  throw new Error('node tools/deployment/allowAddress.ts GROUP APP [ADDRESS] [--app]')

type Rule = { name?: string; ipAddress?: string; action?: string; priority?: number }

const RULE = 'deployment'
const config = `/subscriptions/{subscriptionId}/resourceGroups/${group}/providers/Microsoft.Web/sites/${app}/config/web?api-version=2024-11-01`
const lists = ['scmIpSecurityRestrictions', ...(values.app ? ['ipSecurityRestrictions'] : [])]

const { properties } = JSON.parse(await az('get')) as { properties: Record<string, Rule[] | null> }
const changed = Object.fromEntries(lists.map((list) => [list, rulesOf(properties[list] ?? [])]))
await az('patch', '--body', JSON.stringify({ properties: changed }))
console.log(address === undefined ? `${app} is closed again` : `${app} lets ${address} in`)

/** The rules without ours, or with it for this address. What Azure adds for the default action is no rule. */
function rulesOf(rules: Rule[]): Rule[] {
  const others = rules.filter(({ name, ipAddress }) => name !== RULE && ipAddress !== 'Any')
  const own = { name: RULE, action: 'Allow', priority: 1, ipAddress: `${address}/32` }
  return address === undefined ? others : [own, ...others]
}

async function az(method: string, ...more: string[]): Promise<string> {
  const args = ['rest', '--method', method, '--url', config, '--output', 'json', ...more]
  return (await promisify(execFile)('az', args)).stdout
}
