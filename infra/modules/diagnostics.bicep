@description('The workspace that all of it goes to')
param workspaceId string

@description('Names of the storage accounts with files or packages')
param blobAccounts string[]

@description('Name of the storage account with the tables')
param tableAccount string

@description('Name of the Service Bus namespace')
param busName string

@description('Whether the namespace is of the tier Premium, which alone has an audit log')
param isBusPremium bool

@description('Name of the Event Grid topic of the verdicts')
param topicName string

@description('Name of the gateway; empty: there is none')
param gatewayName string = ''

// What is worth its price, and whose data is in it: docs/operations/objectives.md. The vault has its own
// (keyVault.bicep).

resource accounts 'Microsoft.Storage/storageAccounts@2025-01-01' existing = [for name in blobAccounts: { name: name }]

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' existing = [
  for (name, index) in blobAccounts: {
    parent: accounts[index]
    name: 'default'
  }
]

// Not what is read: the address of a download by link has the name of the file in it.
resource ofBlobs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = [
  for (name, index) in blobAccounts: {
    scope: blobs[index]
    name: 'audit'
    properties: {
      workspaceId: workspaceId
      logs: [
        { category: 'StorageWrite', enabled: true }
        { category: 'StorageDelete', enabled: true }
      ]
    }
  }
]

resource state 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: tableAccount

  resource tables 'tableServices' existing = { name: 'default' }
}

// The app reads and writes rows by the million, and its facts are their own history: only what is taken away leaves
// no trace.
resource ofTables 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: state::tables
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: busName
}

resource ofBus 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: bus
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      for category in concat(['OperationalLogs', 'VNetAndIPFilteringLogs'], isBusPremium ? ['RuntimeAuditLogs'] : []): {
        category: category
        enabled: true
      }
    ]
  }
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

// Requests, too: who publishes a verdict is a question of security.
resource ofTopic 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: topic
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      { category: 'DeliveryFailures', enabled: true }
      { category: 'PublishFailures', enabled: true }
      { category: 'DataPlaneRequests', enabled: true }
    ]
  }
}

resource gateway 'Microsoft.ApiManagement/service@2024-05-01' existing = if (!empty(gatewayName)) {
  name: gatewayName
}

resource ofGateway 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(gatewayName)) {
  scope: gateway
  name: 'audit'
  dependsOn: [masking]
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [{ category: 'GatewayLogs', enabled: true }]
  }
}

// A gateway that is new has none.
resource azureMonitor 'Microsoft.ApiManagement/service/loggers@2024-05-01' = if (!empty(gatewayName)) {
  parent: gateway
  name: 'azuremonitor'
  properties: { loggerType: 'azureMonitor' }
}

// Some clients send their key in the address.
var masked = { queryParams: [{ value: 'subscription-key', mode: 'Mask' }] }

resource masking 'Microsoft.ApiManagement/service/diagnostics@2024-05-01' = if (!empty(gatewayName)) {
  parent: gateway
  name: 'azuremonitor'
  properties: {
    loggerId: azureMonitor.id
    alwaysLog: 'allErrors'
    sampling: { samplingType: 'fixed', percentage: 100 }
    frontend: { request: { body: { bytes: 0 }, dataMasking: masked }, response: { body: { bytes: 0 } } }
    backend: { request: { body: { bytes: 0 }, dataMasking: masked }, response: { body: { bytes: 0 } } }
  }
}
