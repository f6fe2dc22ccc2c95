import { describe, expect, test } from 'vitest'
import { backend, inbound } from './gatewayPolicy.js'
import { ENVIRONMENTS, lastOf, onlyOf, resourcesOf, settingsOf, siteOf, snapshotOf, textOf } from './snapshot.js'

// What stops a deployment, or breaks on the platform, and no compiler tells (docs/decisions/0019-azure.md). The facts are Microsoft's.

const GATEWAYS = ['test', 'prod'] as const

/** 3.7 bytes of the host's memory for each of a body that tells its length, and 16 calls to an instance of 2,048 MB (docs/decisions/0037). */
const BODY_LIMIT = 16 * 2 ** 20

describe.each(ENVIRONMENTS)('the deployment of %s', (environment) => {
  test('is evaluated without a finding, and to names and settings that are known', () => {
    expect(snapshotOf(environment).diagnostics).toEqual([])
    expect(JSON.stringify(snapshotOf(environment))).not.toContain('unknown()')
  })

  // The start of a budget cannot be changed: the second deployment would fail as a whole.
  test('keeps the start of its budget', () => {
    const { properties } = onlyOf(environment, 'Microsoft.Consumption/budgets')

    expect(properties).toMatchObject({ timePeriod: { startDate: '2026-12-01' } })
  })

  // A protected vault holds its name for 90 days after it was deleted.
  test('can be made again at once when it was deleted, unless it is production', () => {
    const { properties } = onlyOf(environment, 'Microsoft.KeyVault/vaults')

    expect(properties.enablePurgeProtection ?? null).toBe(environment === 'prod' ? true : null)
    expect(textOf('infra/main.bicep')).toMatch(
      /uniqueString\(subscription\(\)\.id, prefix, environmentName, instance\)/,
    )
  })

  test('lets in who is named, and nobody where nobody is', () => {
    const { siteConfig } = siteOf(environment)

    expect(siteConfig.ipSecurityRestrictionsDefaultAction).toBe('Deny')
    expect(siteConfig.scmIpSecurityRestrictionsDefaultAction).toBe('Deny')
    if (environment === 'dev') {
      expect(siteConfig.ipSecurityRestrictions).toMatchObject([
        { ipAddress: '198.51.100.0/24', action: 'Allow' },
        { ipAddress: '203.0.113.7/32', action: 'Allow' },
        { ipAddress: 'ApplicationInsightsAvailability', tag: 'ServiceTag' },
      ])
    } else {
      expect(siteConfig.ipSecurityRestrictions).toContain('.publicIPAddresses')
    }
  })

  // `Recreate`, the default, ends all that runs.
  test('cuts no call that is under way', () => {
    expect(siteOf(environment).functionAppConfig.siteUpdateStrategy).toEqual({ type: 'RollingUpdate' })
  })

  test('has no page at its root, and a worker that takes the headers that the host takes', () => {
    expect(settingsOf(environment)).toMatchObject({
      AzureWebJobsDisableHomepage: 'true',
      NODE_OPTIONS: '--max-http-header-size=65536',
    })
  })

  test('has links for files that need more time than a call has', () => {
    expect(settingsOf(environment)).toMatchObject({ UPLOAD_LINKS: 'on', DOWNLOAD_LINKS: 'on' })
    const isClosed = (name: string) => environment === 'prod' && /state|back/.test(name)
    for (const { name, properties } of resourcesOf(environment, 'Microsoft.Storage/storageAccounts')) {
      const { defaultAction } = properties.networkAcls as { defaultAction: string }
      expect([name, defaultAction]).toEqual([name, isClosed(name) ? 'Deny' : 'Allow'])
    }
  })
})

describe('all environments', () => {
  // https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan: 512,000 MB in a region, for all apps of a subscription.
  test('together fit into the quota of a region', () => {
    const scales = ENVIRONMENTS.map((each) => siteOf(each).functionAppConfig.scaleAndConcurrency)
    const megabytes = scales.map(
      ({ maximumInstanceCount, instanceMemoryMB }) => maximumInstanceCount * instanceMemoryMB,
    )

    expect(scales.map(({ instanceMemoryMB }) => instanceMemoryMB)).toEqual([2048, 2048, 2048])
    expect(megabytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(512_000)
  })
})

describe.each(GATEWAYS)('the gateway of %s', (environment) => {
  const api = () => onlyOf(environment, 'Microsoft.ApiManagement/service/apis').properties

  test('takes a call without a required parameter to its operation', () => {
    expect(api().translateRequiredQueryParameters).toBe('query')
  })

  // An import deletes every operation that is not in the document.
  test('has all its operations in the document', () => {
    const { paths } = JSON.parse(String(api().value)) as { paths: Record<string, object> }

    expect(Object.keys(paths['/*'] ?? {}).sort()).toEqual(['delete', 'get', 'head', 'patch', 'post', 'put'])
    expect(Object.values(paths).some((methods) => 'head' in methods && 'patch' in methods)).toBe(true)
    expect(resourcesOf(environment, 'Microsoft.ApiManagement/service/apis/operations')).toEqual([])
  })

  test('is not told twice what the app itself limits', () => {
    expect(settingsOf(environment).FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).toBe('2000000000000')
  })
})

describe('the policy of the gateway', () => {
  const conditions = () =>
    (
      inbound.choose as {
        when: { '@condition': string; 'return-response'?: { 'set-status': Record<string, string> } }[]
      }[]
    )
      .flatMap(({ when }) => when)
      .filter((when) => when['return-response'])
      .map((when) => [when['@condition'], Number(when['return-response']?.['set-status']['@code'])] as const)

  test('lets nothing through that the worker would not answer', () => {
    const removed = (inbound['set-header'] as Record<string, string>[]).map((each) => [
      each['@name'],
      each['@exists-action'],
    ])

    expect(removed).toEqual(
      expect.arrayContaining([
        ['x-ms-invocation-id', 'delete'],
        ['Expect', 'delete'],
      ]),
    )
    expect(conditions()).toContainEqual([expect.stringContaining('character > 126'), 400])
  })

  test('refuses a body that tells a length which the host could not hold, at the limit of an app without a gateway', () => {
    expect(conditions()).toContainEqual([expect.stringContaining(`length > ${BODY_LIMIT};`), 413])
    expect(settingsOf('dev').FUNCTIONS_REQUEST_BODY_SIZE_LIMIT).toBe(String(BODY_LIMIT))
  })

  // https://learn.microsoft.com/azure/api-management/forward-request-policy: the wait for the headers of the answer.
  test('waits longer for an answer than an upload may take', () => {
    expect(Number(backend['forward-request']['@timeout'])).toBeGreaterThan(240)
  })
})

describe('the network of prod', () => {
  test('has rules for each subnet', () => {
    const { properties } = onlyOf('prod', 'Microsoft.Network/virtualNetworks')
    const subnets = properties.subnets as { name: string; properties: { networkSecurityGroup?: { id: string } } }[]
    const groups = resourcesOf('prod', 'Microsoft.Network/networkSecurityGroups').map(({ id }) => id)

    expect(subnets.map(({ properties }) => properties.networkSecurityGroup?.id).sort()).toEqual(groups.sort())
    expect(groups).toHaveLength(2)
  })

  test('ends each of them with what is refused', () => {
    for (const group of resourcesOf('prod', 'Microsoft.Network/networkSecurityGroups')) {
      const rules = group.properties.securityRules as { properties: { access: string; priority: number } }[]
      expect([
        lastOf(group),
        rules.some(({ properties }) => properties.access === 'Deny' && properties.priority === 4096),
      ]).toEqual([lastOf(group), true])
    }
  })
})

describe('production', () => {
  test('keeps what is known of a transfer for a time that it states', () => {
    expect(Number(settingsOf('prod').METADATA_RETENTION_DAYS)).toBeGreaterThan(0)
  })
})
