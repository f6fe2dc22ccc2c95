import { describe, expect, test } from 'vitest'
import { WAITS } from '../../src/usecases/commit/waits.js'
import { describeWithBicep, resourcesOf as evaluated } from './bicepCli.js'
import { backend, inbound } from './gatewayPolicy.js'
import { ENVIRONMENTS, lastOf, onlyOf, resourcesOf, settingsOf, siteOf, snapshotOf, textOf } from './snapshot.js'

// What stops a deployment, or breaks on the platform, unseen by the compiler (docs/decisions/0019-azure.md).
// The facts are Microsoft's.

const GATEWAYS = ['test', 'prod'] as const

/**
 * 3.7 bytes of the host's memory for each byte of a body with a declared length, and 16 calls to an instance of
 * 2,048 MB (docs/decisions/0037).
 */
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
  test('can be made again immediately after it was deleted, unless it is production', () => {
    const { properties } = onlyOf(environment, 'Microsoft.KeyVault/vaults')

    expect(properties.enablePurgeProtection ?? null).toBe(environment === 'prod' ? true : null)
    expect(textOf('infra/main.bicep')).toMatch(
      /uniqueString\(subscription\(\)\.id, prefix, environmentName, instance\)/,
    )
  })

  test('lets in the named addresses, and none without names', () => {
    const { siteConfig } = siteOf(environment)

    expect(siteConfig.ipSecurityRestrictionsDefaultAction).toBe('Deny')
    expect(siteConfig).toMatchObject({ scmIpSecurityRestrictionsDefaultAction: 'Deny', scmIpSecurityRestrictions: [] })
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

describe.each(ENVIRONMENTS)('what %s holds', (environment) => {
  const accounts = () => resourcesOf(environment, 'Microsoft.Storage/storageAccounts')

  test('is reached by TLS alone, and by no password', () => {
    const { httpsOnly } = onlyOf(environment, 'Microsoft.Web/sites').properties
    const policies = resourcesOf(environment, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies')

    expect(httpsOnly).toBe(true)
    expect(policies.map((each) => [lastOf(each), each.properties.allow])).toEqual([
      ['ftp', false],
      ['scm', false],
    ])
    for (const { properties } of accounts())
      expect(properties).toMatchObject({ minimumTlsVersion: 'TLS1_2', supportsHttpsTrafficOnly: true })
  })

  // Defender and Event Grid come by the way of the trusted services.
  test('lets in the services that Azure trusts', () => {
    for (const { properties } of accounts()) expect(properties.networkAcls).toMatchObject({ bypass: 'AzureServices' })
    for (const { properties } of resourcesOf(environment, 'Microsoft.ServiceBus/namespaces/networkRuleSets'))
      expect(properties.trustedServiceAccessEnabled).toBe(true)
  })

  test('is scanned, with verdicts to the topic, and each once to the queue', () => {
    const { id, properties } = onlyOf(environment, 'Microsoft.Security/defenderForStorageSettings')
    const delivery = onlyOf(environment, 'Microsoft.EventGrid/topics/eventSubscriptions').properties

    expect(id).toMatch(/storageAccounts\/stbrokerscan/)
    expect(properties).toMatchObject({
      isEnabled: true,
      malwareScanning: {
        onUpload: { isEnabled: true },
        scanResultsEventGridTopicResourceId: onlyOf(environment, 'Microsoft.EventGrid/topics').id,
      },
    })
    expect(delivery.deliveryWithResourceIdentity).toMatchObject({
      destination: {
        properties: { deliveryAttributeMappings: [{ name: 'MessageId', properties: { sourceField: 'id' } }] },
      },
    })
  })

  test('cannot be taken out of the backups', () => {
    const { id, properties } = onlyOf(
      environment,
      'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
    )

    expect(id).toMatch(/storageAccounts\/stbrokerback\w+\/blobServices\/default\/containers\/backups\//)
    expect(properties).toEqual({ immutabilityPeriodSinceCreationInDays: 30, allowProtectedAppendWrites: false })
  })

  test('is logged, of each account', () => {
    const logged = resourcesOf(environment, 'Microsoft.Insights/diagnosticSettings').map(({ id }) => id)

    for (const { id } of accounts())
      expect(logged.filter((each) => each.startsWith(`${id}/blobServices/default/`))).toHaveLength(1)
  })

  test('is watched, all of it', () => {
    const names = resourcesOf(environment, 'Microsoft.Insights/metricAlerts').map(({ name }) => name)
    const wanted = ['throttled-state', 'throttled-scanned', 'throttled-unscanned', 'throttled-backups']

    expect(names).toEqual(
      expect.arrayContaining([...wanted, 'instances', 'verdicts-dropped', 'dead-letters', 'health']),
    )
    expect(names.includes('gateway-errors')).toBe(environment !== 'dev')
  })
})

describe('the deployment', () => {
  /** What a module of main.bicep waits for by name. */
  const awaitedBy = (module: string) =>
    new RegExp(`^module ${module} [^}]*?dependsOn: \\[(.*)\\]`, 'm').exec(textOf('infra/main.bicep'))?.[1]?.split(', ')

  // A role that was just assigned is not effective immediately: Event Grid asks for its own when a subscription is
  // made.
  test('gives roles before they are needed, and makes the subscription to verdicts last', () => {
    expect(awaitedBy('app')).toContain('roles')
    expect(awaitedBy('scanResults')).toEqual(expect.arrayContaining(['roles', 'app', 'alerts', 'diagnostics']))
    expect(awaitedBy('roles')).toEqual(
      expect.arrayContaining(['identity', 'storage', 'backup', 'serviceBus', 'keyVault', 'malwareScan', 'gateway']),
    )
  })
})

describeWithBicep('a function that is disabled', () => {
  test('is so by the setting that the host reads', () => {
    const names = ['name', 'appName', 'location', 'stateAccountName', 'deploymentContainer', 'scannedAccountName']
    const others = ['unscannedAccountName', 'backupAccountName', 'busName', 'vaultName', 'insightsName', 'subnetId']
    const site = evaluated('infra/modules/functionApp.bicep', {
      ...Object.fromEntries([...names, ...others].map((name) => [name, 'any'])),
      tags: {},
      settings: {},
      identity: { id: '/identity', clientId: 'client' },
      callerAddresses: [],
      hasAltinnSubscriptionKey: false,
      hasGateway: false,
      areFilesReachable: true,
      isZoneRedundant: false,
      maximumInstances: 40,
      alwaysReadyForHttp: 0,
      instanceMemoryMB: 2048,
      disabledFunctions: ['sweepOrphans'],
    }).find(({ type }) => type === 'Microsoft.Web/sites')

    const { appSettings } = (site?.properties.siteConfig ?? {}) as { appSettings?: object[] }
    expect(appSettings).toContainEqual({ name: 'AzureWebJobs.sweepOrphans.Disabled', value: 'true' })
    expect(textOf('infra/main.bicep')).toContain('    disabledFunctions: disabledFunctions\n')
  })
})

describe('all environments', () => {
  // https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan:
  // 512,000 MB in a region, for all apps of a subscription.
  test('together fit into the quota of a region', () => {
    const scales = ENVIRONMENTS.map((each) => siteOf(each).functionAppConfig.scaleAndConcurrency)
    const megabytes = scales.map(
      ({ maximumInstanceCount, instanceMemoryMB }) => maximumInstanceCount * instanceMemoryMB,
    )

    expect(scales.map(({ instanceMemoryMB }) => instanceMemoryMB)).toEqual([2048, 2048, 2048])
    // Which that memory is reckoned for (docs/decisions/0037).
    for (const scale of scales)
      expect(scale).toMatchObject({ triggers: { http: { perInstanceConcurrency: 2 * WAITS.most } } })
    expect(megabytes.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(512_000)
  })
})

describe.each(GATEWAYS)('the gateway of %s', (environment) => {
  const api = () => onlyOf(environment, 'Microsoft.ApiManagement/service/apis').properties

  test('takes a call without a required parameter to its operation', () => {
    expect(api().translateRequiredQueryParameters).toBe('query')
  })

  test('takes no call without a key', () => {
    expect(api()).toMatchObject({ subscriptionRequired: true })
  })

  // An import deletes every operation that is not in the document.
  test('has all its operations in the document', () => {
    const { paths } = JSON.parse(String(api().value)) as { paths: Record<string, object> }

    expect(Object.keys(paths['/*'] ?? {}).sort()).toEqual(['delete', 'get', 'head', 'patch', 'post', 'put'])
    expect(Object.values(paths).some((methods) => 'head' in methods && 'patch' in methods)).toBe(true)
    expect(resourcesOf(environment, 'Microsoft.ApiManagement/service/apis/operations')).toEqual([])
  })

  test('does not limit again what the app limits', () => {
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
    expect(conditions()).toContainEqual([
      expect.stringContaining('character > 126 || (character < 32 && character != 9)'),
      400,
    ])
  })

  test('keeps the key of a caller, by either way that it comes', () => {
    expect(inbound['set-header']).toContainEqual({ '@name': 'Ocp-Apim-Subscription-Key', '@exists-action': 'delete' })
    expect(inbound['set-query-parameter']).toEqual({ '@name': 'subscription-key', '@exists-action': 'delete' })
  })

  test('hands on to the app, and holds nothing back', () => {
    expect(inbound['set-backend-service']).toEqual({ '@backend-id': 'app' })
    expect(backend['forward-request']).toMatchObject({
      '@buffer-request-body': 'false',
      '@buffer-response': 'false',
    })
  })

  test('counts for each subscription', () => {
    const keys = [...textOf('infra/policies/api.xml').matchAll(/counter-key="(.*?)" \/>/g)].map(([, key]) => key)

    expect(keys.length).toBeGreaterThan(5)
    for (const key of keys) expect(key).toMatch(/^@\(context\.Subscription\.Id \+ /)
  })

  test('refuses a body with a declared length that the host could not hold, at the limit of an app without a gateway', () => {
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

  test('leads the app to all that holds data, and out by one address', () => {
    const { properties } = onlyOf('prod', 'Microsoft.Network/virtualNetworks')
    const subnets = properties.subnets as { name: string; properties: Record<string, unknown> }[]
    const app = subnets.find(({ name }) => name === 'app')?.properties
    const targets = resourcesOf('prod', 'Microsoft.Network/privateEndpoints').map(lastOf)
    const data = [
      'state-blob',
      'state-table',
      'scanned-blob',
      'unscanned-blob',
      'backup-blob',
      'service-bus',
      'key-vault',
    ]

    expect(targets.sort()).toEqual(data.map((name) => `pe-${name}`).sort())
    expect(app).toMatchObject({
      natGateway: { id: onlyOf('prod', 'Microsoft.Network/natGateways').id },
      delegations: [{ properties: { serviceName: 'Microsoft.App/environments' } }],
    })
  })

  // HTTPS, and AMQP over TLS
  test('lets the app through to them on both sides', () => {
    const rules = resourcesOf('prod', 'Microsoft.Network/networkSecurityGroups').flatMap(
      ({ properties }) => properties.securityRules as { name: string; properties: Record<string, unknown> }[],
    )
    const open = rules.filter(({ name }) => ['to-endpoints', 'from-app'].includes(name))

    expect(open.map(({ properties }) => properties.destinationPortRanges)).toEqual([
      ['443', '5671'],
      ['443', '5671'],
    ])
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
  test('stands in three zones, with instances for HTTP that are always there', () => {
    const { scaleAndConcurrency } = siteOf('prod').functionAppConfig

    expect(onlyOf('prod', 'Microsoft.Web/serverfarms').properties.zoneRedundant).toBe(true)
    expect(scaleAndConcurrency).toMatchObject({ alwaysReady: [{ name: 'http', instanceCount: 2 }] })
    for (const { sku } of resourcesOf('prod', 'Microsoft.Storage/storageAccounts'))
      expect(sku?.name).toBe('Standard_ZRS')
  })

  test('keeps what is known of a transfer for a time that it states', () => {
    expect(Number(settingsOf('prod').METADATA_RETENTION_DAYS)).toBeGreaterThan(0)
  })
})
