import { beforeAll, expect, test } from 'vitest'
import { describeWithBicep, resourcesOf } from './bicepCli.js'
import { type Resource, textOf } from './snapshot.js'

/** Categories as Azure Monitor's reference has them (supported resource logs, by resource type). */
const CATEGORIES = {
  blobServices: ['StorageRead', 'StorageWrite', 'StorageDelete'],
  tableServices: ['StorageRead', 'StorageWrite', 'StorageDelete'],
  'Microsoft.ServiceBus/namespaces': ['OperationalLogs', 'VNetAndIPFilteringLogs', 'RuntimeAuditLogs'],
  'Microsoft.EventGrid/topics': ['DeliveryFailures', 'PublishFailures', 'DataPlaneRequests'],
  'Microsoft.ApiManagement/service': ['GatewayLogs', 'WebSocketConnectionLogs'],
}

const GIVEN = {
  workspaceId: '/workspace',
  blobAccounts: ['brokerstate', 'brokerscan', 'brokerfile'],
  tableAccount: 'brokerstate',
  busName: 'sb-broker',
  isBusPremium: true,
  topicName: 'evgt-broker',
}

const settingsOf = (resources: Resource[]) =>
  resources
    .filter(({ type }) => type === 'Microsoft.Insights/diagnosticSettings')
    .map(({ id, properties }) => {
      const { workspaceId, logs } = properties as { workspaceId: string; logs: { category: string }[] }
      const [, of = ''] = /providers\/(.*)\/providers/.exec(id) ?? []
      return { of, workspaceId, categories: logs.map(({ category }) => category) }
    })

describeWithBicep('the diagnostic settings', () => {
  let resources: Resource[]
  beforeAll(() => {
    resources = resourcesOf('infra/modules/diagnostics.bicep', { ...GIVEN, gatewayName: 'apim-broker' })
  })

  test('send categories that there are, of everything that keeps or passes data, to the workspace', () => {
    const settings = settingsOf(resources)

    for (const { of, workspaceId, categories } of settings) {
      const [, known] = Object.entries(CATEGORIES).find(([type]) => of.includes(`${type}/`)) ?? []
      expect(workspaceId).toBe('/workspace')
      expect(categories.length).toBeGreaterThan(0)
      expect(known, of).toEqual(expect.arrayContaining(categories))
    }
    expect(settings.map(({ of }) => of)).toEqual([
      'Microsoft.Storage/storageAccounts/brokerstate/blobServices/default',
      'Microsoft.Storage/storageAccounts/brokerscan/blobServices/default',
      'Microsoft.Storage/storageAccounts/brokerfile/blobServices/default',
      'Microsoft.Storage/storageAccounts/brokerstate/tableServices/default',
      'Microsoft.ServiceBus/namespaces/sb-broker',
      'Microsoft.EventGrid/topics/evgt-broker',
      'Microsoft.ApiManagement/service/apim-broker',
    ])
  })

  test('log nothing that is read: the address of a download by link has the name of the file in it', () => {
    expect(settingsOf(resources).flatMap(({ categories }) => categories)).not.toContain('StorageRead')
  })

  test('keep the keys of clients out of the log of the gateway', () => {
    const masking = resources.find(({ type }) => type === 'Microsoft.ApiManagement/service/diagnostics')
    const masked = {
      request: { body: { bytes: 0 }, dataMasking: { queryParams: [{ value: 'subscription-key', mode: 'Mask' }] } },
    }

    expect(masking?.name).toBe('apim-broker/azuremonitor')
    expect(masking?.properties).toMatchObject({ frontend: masked, backend: masked })
    const logger = resources.find(({ type }) => type === 'Microsoft.ApiManagement/service/loggers')
    expect(masking?.properties.loggerId).toBe(logger?.id)
    expect(logger?.properties).toEqual({ loggerType: 'azureMonitor' })
  })

  // https://learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference: of the tier Premium alone
  test('ask no namespace of the tier Standard for an audit log', () => {
    const standard = settingsOf(resourcesOf('infra/modules/diagnostics.bicep', { ...GIVEN, isBusPremium: false }))
    const { categories } = standard.find(({ of }) => of.startsWith('Microsoft.ServiceBus/')) ?? {}

    expect(categories).toEqual(['OperationalLogs', 'VNetAndIPFilteringLogs'])
  })

  test('leave the gateway out where there is none', () => {
    const without = resourcesOf('infra/modules/diagnostics.bicep', GIVEN)

    expect(settingsOf(without)).toHaveLength(settingsOf(resources).length - 1)
    expect(without.filter(({ type }) => type.startsWith('Microsoft.ApiManagement'))).toEqual([])
  })

  test('are each described in the docs, with their cost and the personal data in them', () => {
    const page = textOf('docs/operations/objectives.md')
    const categories = settingsOf(resources).flatMap((setting) => setting.categories)

    expect([...new Set(categories)].filter((category) => !page.includes(`\`${category}\``))).toEqual([])
  })
})
