import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ENVIRONMENTS, type Environment, type Resource, resourcesOf, root, snapshotOf, textOf } from './snapshot.js'

/** Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const ROLES = {
  StorageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  StorageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  StorageBlobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a',
  StorageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  ServiceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
  ServiceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
  KeyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  KeyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424',
  MonitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
}

/** Who needs which right on what, and for which library of Azure's in our code, or for what else. */
const NEEDS = [
  { who: 'app', role: 'StorageTableDataContributor', on: 'state', for: '@azure/data-tables' },
  { who: 'app', role: 'StorageBlobDataOwner', on: 'state', for: 'the Functions host: its locks, keys and package' },
  { who: 'app', role: 'StorageBlobDataContributor', on: 'scan', for: '@azure/storage-blob' },
  { who: 'app', role: 'StorageBlobDataContributor', on: 'file', for: '@azure/storage-blob' },
  { who: 'app', role: 'StorageBlobDataContributor', on: 'back', for: '@azure/storage-blob' },
  { who: 'app', role: 'StorageBlobDelegator', on: 'scan', for: 'signing links without a key' },
  { who: 'app', role: 'StorageBlobDelegator', on: 'file', for: 'signing links without a key' },
  { who: 'app', role: 'ServiceBusDataSender', on: 'sb', for: '@azure/service-bus' },
  { who: 'app', role: 'ServiceBusDataReceiver', on: 'sb', for: '@azure/service-bus' },
  { who: 'app', role: 'MonitoringMetricsPublisher', on: 'appi', for: '@azure/monitor-opentelemetry' },
  { who: 'app', role: 'KeyVaultSecretsUser', on: 'kv', for: 'references in settings' },
  { who: 'app', role: 'KeyVaultCryptoUser', on: 'receipts', for: 'signing receipts' },
  { who: 'topic', role: 'ServiceBusDataSender', on: 'sb', for: 'verdicts to a queue' },
  {
    who: 'topic',
    role: 'StorageBlobDataContributor',
    on: 'event-grid-dead-letters',
    for: 'verdicts that did not arrive',
  },
  { who: 'gateway', role: 'MonitoringMetricsPublisher', on: 'appi', for: 'its traces' },
]

/** They reach no service by themselves. */
const WITHOUT_RIGHTS = ['@azure/functions', '@azure/identity']

const IDENTITIES = { userAssignedIdentities: 'app', topics: 'topic', service: 'gateway' }

/** Of what an assignment is a part: `stbrokerstate5x4f7k` is the account `state`, `sb-broker-dev` the bus. */
function scopeOf({ id }: Resource): string | undefined {
  const [scope = ''] = id.split('/providers/Microsoft.Authorization/')
  const name = scope.slice(scope.lastIndexOf('/') + 1)
  return /^stbroker(state|scan|file|back)/.exec(name)?.[1] ?? /^(sb|kv|appi)-/.exec(name)?.[1] ?? name
}

function assignedIn(environment: Environment) {
  return resourcesOf(environment, 'Microsoft.Authorization/roleAssignments').map((assignment) => {
    const { principalId, principalType, roleDefinitionId } = assignment.properties as Record<string, string>
    const [, kind = ''] = /\/(userAssignedIdentities|topics|service)\/[^/']+'/.exec(principalId ?? '') ?? []
    const [name] = Object.entries(ROLES).find(([, id]) => roleDefinitionId?.endsWith(`/${id}`)) ?? []
    expect(principalType).toBe('ServicePrincipal')
    return { who: IDENTITIES[kind as keyof typeof IDENTITIES], role: name, on: scopeOf(assignment) }
  })
}

const filesIn = (folder: string, end: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`)

const inOrder = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()

describe('the rights in Azure', () => {
  test.each(ENVIRONMENTS)('are exactly those that are needed: %s', (environment) => {
    const hasGateway = resourcesOf(environment, 'Microsoft.ApiManagement/service').length > 0
    const needed = NEEDS.filter(({ who }) => who !== 'gateway' || hasGateway)

    expect(inOrder(assignedIn(environment))).toEqual(inOrder(needed.map(({ who, role, on }) => ({ who, role, on }))))
  })

  test('cover every service that the code has a library for', () => {
    const used = filesIn('src', '.ts').flatMap((path) =>
      [...textOf(path).matchAll(/'(@azure\/[\w-]+)'/g)].map(([, name]) => name),
    )

    const covered = NEEDS.map((need) => need.for).filter((reason) => reason.startsWith('@azure/'))

    expect([...new Set(used)].sort()).toEqual([...new Set([...covered, ...WITHOUT_RIGHTS])].sort())
  })

  test('need no key anywhere', () => {
    for (const environment of ENVIRONMENTS) {
      const accounts = resourcesOf(environment, 'Microsoft.Storage/storageAccounts')
      expect(accounts.length).toBeGreaterThan(2)
      for (const { properties } of accounts) expect(properties.allowSharedKeyAccess).toBe(false)
      const [bus] = resourcesOf(environment, 'Microsoft.ServiceBus/namespaces')
      expect(bus?.properties.disableLocalAuth).toBe(true)
    }
  })
})

describe('the identity that deploys', () => {
  const rights = () => snapshotOf('deployer').predictedResources
  const condition = () => JSON.stringify(rights().map(({ properties }) => properties.condition))

  // Contributor may do everything but write and delete what is of Microsoft.Authorization.
  test('may make what Contributor may not', () => {
    const types = ENVIRONMENTS.flatMap((environment) => snapshotOf(environment).predictedResources)
      .map(({ type }) => type)
      .filter((type) => type.startsWith('Microsoft.Authorization/'))

    expect(new Set(types)).toEqual(
      new Set(['Microsoft.Authorization/roleAssignments', 'Microsoft.Authorization/locks']),
    )
    expect(JSON.stringify(rights())).toContain('Microsoft.Authorization/locks/*')
    expect(JSON.stringify(rights())).toContain('f58310d9-a9f6-439a-9e8d-f62e7b41a168')
  })

  test('gives the roles of the app, and no other', () => {
    const [listed = ''] = /\{[0-9a-f, -]{36,}\}/.exec(condition()) ?? []

    expect(listed.match(/[0-9a-f-]{36}/g)?.sort()).toEqual(Object.values(ROLES).sort())
  })

  test('gives them, and takes them away, under that condition', () => {
    const conditional = rights().filter(({ properties }) => properties.condition)
    const asked = [...condition().matchAll(/ActionMatches\{'([\w./]+)'\}.*?@(\w+)\[/g)].map(([, ...what]) => what)

    expect(conditional.map(({ properties }) => properties.roleDefinitionId)).toEqual([
      expect.stringContaining('f58310d9-a9f6-439a-9e8d-f62e7b41a168'),
    ])
    expect(asked).toEqual([
      ['Microsoft.Authorization/roleAssignments/write', 'Request'],
      ['Microsoft.Authorization/roleAssignments/delete', 'Resource'],
    ])
  })

  test('has the role of the locks, where it is to lock', () => {
    const [role] = rights().filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')
    const given = rights().map(({ properties }) => properties.roleDefinitionId)

    expect(given).toContain(role?.id)
  })

  // Malware scanning assigns two roles to its scanner, by the rights of the identity that turns it on: this role.
  test('may turn malware scanning on', () => {
    expect(JSON.stringify(rights())).toContain('0f641de8-0b88-4198-bdef-bd8b45ceba96')
  })
})
