@description('Account of the tables, the host and the deployed package')
param stateName string

@description('Account of the files that are scanned')
param scannedName string

@description('Account of the files that are not')
param unscannedName string

@description('Container of the deployed package')
param deploymentContainer string

@description('Container for events that could not be delivered')
param deadLetterContainer string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Whether the data lie in three zones, and the accounts are locked against deletion')
param isProduction bool

@description('Whether private endpoints lead to the accounts: the account of the state is then closed otherwise')
param isPrivate bool

@description('Networks that may reach the files by links; `*`: all')
param fileAddresses string[]

@description('For how many days deleted files can be brought back; a purged file is there for so much longer')
@minValue(1)
@maxValue(365)
param softDeleteDays int

// A file lives for 365 days at most, and a day after its last confirmation. What is left then, the app has lost sight of.
var files = [{ name: 'forgotten-files', prefix: 'serviceowner-', days: 400 }]

// Without private endpoints the app itself comes from anywhere. No account takes a key, and a link is signed for one blob and some minutes.
var fileNetworks = isPrivate ? fileAddresses : ['*']

// The tables, the host's own blobs and the deployed package: apart from the files, so that neither takes the other's throughput, and the
// host's rights end here.
module state 'storageAccount.bicep' = {
  name: 'storage-state'
  params: {
    name: stateName
    location: location
    tags: tags
    isProduction: isProduction
    addresses: isPrivate ? [] : ['*']
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
      'Activity'
      'EventDeliveries'
      'NightlyRuns'
      'InboxChanges'
      'EncryptionKeys'
    ]
    forgotten: [{ name: 'old-dead-letters', prefix: '${deadLetterContainer}/', days: 90 }]
  }
}

// Containers of files come with service owners, and `reports` with the first report: the app makes them.
module scanned 'storageAccount.bicep' = {
  name: 'storage-scanned'
  params: {
    name: scannedName
    location: location
    tags: tags
    isProduction: isProduction
    addresses: fileNetworks
    softDeleteDays: softDeleteDays
    forgotten: files
  }
}

module unscanned 'storageAccount.bicep' = {
  name: 'storage-unscanned'
  params: {
    name: unscannedName
    location: location
    tags: tags
    isProduction: isProduction
    addresses: fileNetworks
    softDeleteDays: softDeleteDays
    forgotten: files
  }
}

output stateId string = state.outputs.id
output scannedId string = scanned.outputs.id
output unscannedId string = unscanned.outputs.id
