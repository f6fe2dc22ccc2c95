@description('Name of the account')
param name string

@description('Region; another than that of the tables, where backups are to outlive it')
param location string

@description('Tags of every resource')
param tags object

@description('Whether the backups lie in three zones, and the account is locked against deletion')
param isProduction bool

@description('Whether only the private endpoints, and the services that Azure trusts, reach the account')
param isPrivate bool

@description('For how many days deleted backups can be brought back')
@minValue(1)
@maxValue(365)
param softDeleteDays int

@description('For how many days after it was made nobody changes or deletes a backup. A full one is made each week: two of them at least')
@minValue(14)
@maxValue(365)
param immutableDays int = 30

@description('How many days after it was made a backup is deleted: it holds personal data')
@minValue(15)
@maxValue(400)
param deletedAfterDays int = 60

@description('Whether the policy has been locked by hand (docs/operations/restore.md): a locked one can only be made longer, and no template can write it')
param isPolicyLocked bool = false

// BACKUPS_CONTAINER in src/adapters/blobs/azureBackups.ts
var container = 'backups'

module account 'storageAccount.bicep' = {
  name: 'storage-backup'
  params: {
    name: name
    location: location
    tags: tags
    isProduction: isProduction
    addresses: isPrivate ? [] : ['*']
    softDeleteDays: softDeleteDays
    containers: [container]
    forgotten: [{ name: 'old-backups', prefix: '${container}/', days: deletedAfterDays }]
  }
}

resource store 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: name

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource backups 'containers' existing = {
      name: container
    }
  }
}

// Every blob is written once, under a name of its own, so that the app works as before: it only cannot undo what it did.
resource policy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = if (!isPolicyLocked) {
  parent: store::blobs::backups
  name: 'default'
  dependsOn: [account]
  properties: {
    immutabilityPeriodSinceCreationInDays: immutableDays
    allowProtectedAppendWrites: false
  }
}

output id string = account.outputs.id
