@description('What the names of the accounts begin with')
@maxLength(10)
param prefix string

@description('What makes the names unique')
@maxLength(8)
param token string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Whether the data lie in three zones, and the accounts are locked against deletion')
param isProduction bool

@description('Whether only the private endpoints, and the services that Azure trusts, reach the accounts')
param isPrivate bool

@description('For how many days deleted files can be brought back; a purged file is there for so much longer')
@minValue(1)
@maxValue(365)
param softDeleteDays int

// A file lives for 365 days at most, and a day after its last confirmation. What is left then, the app has lost sight of.
var files = [{ name: 'forgotten-files', prefix: 'serviceowner-', days: 400 }]

var deploymentContainer = 'deployments'
var deadLetterContainer = 'event-grid-dead-letters'

// The tables, the host's own blobs and the deployed package: apart from the files, so that neither takes the other's throughput, and the
// host's rights end here.
module state 'storageAccount.bicep' = {
  name: 'storage-state'
  params: {
    name: '${prefix}state${token}'
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: isPrivate
    softDeleteDays: softDeleteDays
    containers: [deploymentContainer, deadLetterContainer]
    // `tables` in src/config.ts
    tables: [
      'FileTransfers'
      'TransfersByActor'
      'Due'
      'Pending'
      'Resources'
      'ServiceOwners'
      'Parties'
      'IdempotencyKeys'
      'MonthlyStatistics'
      'EventDeliveries'
      'NightlyRuns'
    ]
    forgotten: [{ name: 'old-dead-letters', prefix: '${deadLetterContainer}/', days: 90 }]
  }
}

// Containers of files come with service owners, and `reports` with the first report: the app makes them.
module scanned 'storageAccount.bicep' = {
  name: 'storage-scanned'
  params: {
    name: '${prefix}scan${token}'
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: isPrivate
    softDeleteDays: softDeleteDays
    forgotten: files
  }
}

module unscanned 'storageAccount.bicep' = {
  name: 'storage-unscanned'
  params: {
    name: '${prefix}file${token}'
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: isPrivate
    softDeleteDays: softDeleteDays
    forgotten: files
  }
}

output stateId string = state.outputs.id
output stateName string = state.outputs.name
output stateBlobEndpoint string = state.outputs.blobEndpoint
output stateTableEndpoint string = state.outputs.tableEndpoint
output deploymentContainer string = deploymentContainer
output deadLetterContainer string = deadLetterContainer
output scannedId string = scanned.outputs.id
output scannedName string = scanned.outputs.name
output scannedBlobEndpoint string = scanned.outputs.blobEndpoint
output unscannedId string = unscanned.outputs.id
output unscannedName string = unscanned.outputs.name
output unscannedBlobEndpoint string = unscanned.outputs.blobEndpoint
