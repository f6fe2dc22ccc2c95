@description('The identity of the app')
param identityName string

@description('The Event Grid topic')
param topicName string

@description('The gateway; empty: there is none')
param gatewayName string

@description('Account of the tables, the host and the deployed package')
param stateAccountName string

@description('Container for events that could not be delivered')
param deadLetterContainer string

@description('Account of the files that are scanned')
param scannedAccountName string

@description('Account of the files that are not')
param unscannedAccountName string

@description('Account of the backups')
param backupAccountName string

@description('The Service Bus namespace')
param busName string

@description('The vault')
param vaultName string

@description('Application Insights')
param insightsName string

// Every right that anybody is given, and none of them to manage anything. test/infra/roles.test.ts says what each is for.
var roles = {
  StorageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  StorageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  StorageBlobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a' // Storage Blob Delegator
  StorageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  ServiceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  ServiceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
  KeyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
  KeyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424' // Key Vault Crypto User
  MonitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
}

func definition(role string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource gateway 'Microsoft.ApiManagement/service@2024-05-01' existing = if (!empty(gatewayName)) {
  name: gatewayName
}

resource state 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: stateAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: deadLetterContainer
    }
  }
}

resource scanned 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: scannedAccountName
}

resource unscanned 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: unscannedAccountName
}

resource backups 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: backupAccountName
}

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: busName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName

  resource receiptKey 'keys' existing = {
    name: 'receipts'
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource appOnState 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.StorageBlobDataOwner
    roles.StorageTableDataContributor
  ]: {
    scope: state
    name: guid(state.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnScanned 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.StorageBlobDataContributor
    roles.StorageBlobDelegator
  ]: {
    scope: scanned
    name: guid(scanned.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnUnscanned 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.StorageBlobDataContributor
    roles.StorageBlobDelegator
  ]: {
    scope: unscanned
    name: guid(unscanned.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnBackups 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.StorageBlobDataContributor]: {
    scope: backups
    name: guid(backups.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

// On the namespace: a trigger for a topic needs the role on its subscription, too.
resource appOnBus 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [
    roles.ServiceBusDataSender
    roles.ServiceBusDataReceiver
  ]: {
    scope: bus
    name: guid(bus.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.KeyVaultSecretsUser]: {
    scope: vault
    name: guid(vault.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnReceiptKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.KeyVaultCryptoUser]: {
    scope: vault::receiptKey
    name: guid(vault::receiptKey.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource appOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.MonitoringMetricsPublisher]: {
    scope: insights
    name: guid(insights.id, app.id, role)
    properties: { principalId: app.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource topicOnBus 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.ServiceBusDataSender]: {
    scope: bus
    name: guid(bus.id, topic.id, role)
    properties: { principalId: topic.identity.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource topicOnDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.StorageBlobDataContributor]: {
    scope: state::blobs::deadLetters
    name: guid(state.id, deadLetterContainer, topic.id, role)
    properties: { principalId: topic.identity.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource gatewayOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.MonitoringMetricsPublisher]: if (!empty(gatewayName)) {
    scope: insights
    name: guid(insights.id, gateway.id, role)
    properties: { principalId: gateway!.identity.principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]
