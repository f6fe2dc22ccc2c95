@description('Name of the account')
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Whether the data lie in three zones, and the account is locked against deletion')
param isProduction bool

@description('Networks that reach the account beside private endpoints and the services that Azure trusts (CIDR; one address without its length); `*`: all')
param addresses string[]

@description('For how many days deleted blobs and containers can be brought back')
@minValue(1)
@maxValue(365)
param softDeleteDays int

@description('Containers that the app does not make itself')
param containers string[] = []

@description('Tables')
param tables string[] = []

@description('When blobs that everybody else has forgotten are deleted: what their container and name begin with, and how many days after they were made')
param forgotten { name: string, prefix: string, days: int }[]

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: isProduction ? 'Standard_ZRS' : 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Not `Disabled`: Defender and Event Grid come by the way of the trusted services.
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      defaultAction: contains(addresses, '*') ? 'Allow' : 'Deny'
      bypass: 'AzureServices'
      ipRules: [for address in filter(addresses, each => each != '*'): { value: address, action: 'Allow' }]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  }
}

resource containerList 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for container in containers: {
    parent: blobs
    name: container
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource tableList 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [
  for table in tables: {
    parent: tableService
    name: table
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        for rule in forgotten: {
          name: rule.name
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: [rule.prefix] }
            actions: { baseBlob: { delete: { daysAfterCreationGreaterThan: rule.days } } }
          }
        }
      ]
    }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (isProduction) {
  scope: account
  name: 'keep'
  properties: { level: 'CanNotDelete', notes: 'It holds file transfers.' }
}

output id string = account.id
