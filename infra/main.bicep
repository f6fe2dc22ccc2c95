// Altinn Broker in a resource group of its own. It names and composes; what things are is in modules/.
targetScope = 'subscription'

// A variable of the deployment that is not set arrives as an empty text, which these refuse.
@minLength(6)
type emailAddress = string

type appSettings = {
  @minLength(1)
  MASKINPORTEN_CLIENT_ID: string
  *: string
}

@description('Which environment this is; a part of every name')
@allowed(['dev', 'test', 'prod'])
param environmentName string

@description('What names begin with')
@minLength(3)
@maxLength(8)
param prefix string = 'broker'

@description('Another one where a deleted environment still holds its names (docs/operations/deploy.md)')
@maxLength(8)
param instance string = ''

@description('Region')
param location string = 'norwayeast'

@description('Three zones, locks against deletion')
param isProduction bool = environmentName == 'prod'

@description('A network of its own, and private endpoints for all that holds data')
param hasPrivateNetwork bool = isProduction

@description('Addresses of the network')
param networkAddressPrefix string = '10.40.0.0/24'

@description('Addresses of those who put secrets into a private vault (CIDR)')
param operatorAddresses string[] = []

@description('Tier of the API gateway; empty: none, and callers reach the app itself')
@allowed(['', 'Developer', 'Basic', 'Standard', 'Premium'])
param gatewayTier string = ''

@description('Networks that may call the app where there is no gateway (CIDR); none: nobody')
param callerAddresses string[] = []

@description('Networks that may reach the file accounts (CIDR), and so use links; `*`: all; none: there are no links')
param fileAddresses string[] = ['*']

@description('Functions that are not run, as during a restore')
param disabledFunctions string[] = []

@description('Who is told of alerts and of the budget, and publishes the API; the first one is the publisher')
@minLength(1)
param emails emailAddress[]

@description('Who is sent alerts by SMS, too')
param sms { countryCode: string, phoneNumber: string }[] = []

@description('Where alerts are posted, too, in the common alert schema; empty: nowhere')
@secure()
param webhookUri string = ''

@description('Settings of the app by their names in src/config.ts. Those that follow from resources, and those with a value of their own in modules/functionApp.bicep, need not be here')
param settings appSettings

@description('Whether the vault has a subscription key for Altinn, as altinn-subscription-key')
param hasAltinnSubscriptionKey bool = true

@description('How many instances at most')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that are always there for HTTP')
@minValue(0)
param alwaysReadyForHttp int = 0

@description('Memory of an instance')
@allowed([2048, 4096])
param instanceMemoryMB int = 2048

@description('The most gigabytes scanned in a month; -1: no end')
param scanCapGBPerMonth int = 100

@description('Whether the topic for scan results takes keys, too (docs/operations/alerts.md, scan-slow)')
param mayScanTopicTakeKeys bool = false

@description('For how many days deleted files can be brought back')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Region of the backups of the tables; another than `location` outlives it')
param backupLocation string = location

@description('Whether the policy of the backups has been locked by hand (docs/operations/restore.md)')
param isBackupPolicyLocked bool = false

@description('For how many days logs, traces and metrics are kept')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('The most gigabytes of them taken in a day; -1: no end')
param logCapGB int = 1

@description('What a month may cost, in the currency of the subscription')
param budgetPerMonth int

@description('The month in which the budget was made, as yyyy-MM-01. Azure takes no other one afterwards')
@minLength(10)
@maxLength(10)
param budgetFrom string

var tags = { service: 'altinn-broker', environment: environmentName }
var token = take(uniqueString(subscription().id, prefix, environmentName, instance), 6)
var name = '${prefix}-${environmentName}-${token}'
var hasGateway = !empty(gatewayTier)

// All names are made here, so that what-if knows them, and every module may refer to what another one makes.
var names = {
  identity: 'id-${name}'
  workspace: 'log-${name}'
  insights: 'appi-${name}'
  state: 'st${prefix}state${token}'
  scanned: 'st${prefix}scan${token}'
  unscanned: 'st${prefix}file${token}'
  backups: 'st${prefix}back${token}'
  // The tier is a part of it: a namespace cannot be turned from Standard to Premium (docs/operations/deploy.md).
  bus: hasPrivateNetwork ? 'sb-${name}-premium' : 'sb-${name}'
  vault: 'kv-${take(name, 21)}'
  topic: 'evgt-${name}'
  network: 'vnet-${name}'
  gateway: hasGateway ? 'apim-${name}' : ''
  app: 'func-${name}'
}
var appUrl = 'https://${names.app}.azurewebsites.net'
var gatewayUrl = 'https://${names.gateway}.azure-api.net'
var containers = { deployments: 'deployments', deadLetters: 'event-grid-dead-letters' }

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${prefix}-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: { name: names.identity, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGB: logCapGB
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    stateName: names.state
    scannedName: names.scanned
    unscannedName: names.unscanned
    deploymentContainer: containers.deployments
    deadLetterContainer: containers.deadLetters
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: hasPrivateNetwork
    fileAddresses: fileAddresses
    softDeleteDays: softDeleteDays
  }
}

module backup 'modules/backup.bicep' = {
  scope: group
  name: 'backup'
  params: {
    name: names.backups
    location: backupLocation
    tags: tags
    isProduction: isProduction
    isPrivate: hasPrivateNetwork
    softDeleteDays: softDeleteDays
    isPolicyLocked: isBackupPolicyLocked
  }
}

module serviceBus 'modules/serviceBus.bicep' = {
  scope: group
  name: 'service-bus'
  params: { name: names.bus, location: location, tags: tags, isPrivate: hasPrivateNetwork }
}

module keyVault 'modules/keyVault.bicep' = {
  scope: group
  name: 'key-vault'
  params: {
    name: names.vault
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: hasPrivateNetwork
    operatorAddresses: operatorAddresses
    workspaceId: monitoring.outputs.workspaceId
  }
}

module malwareScan 'modules/malwareScan.bicep' = {
  scope: group
  name: 'malware-scan'
  dependsOn: [storage]
  params: {
    name: names.topic
    location: location
    tags: tags
    accountName: names.scanned
    capGBPerMonth: scanCapGBPerMonth
    areKeysAllowed: mayScanTopicTakeKeys
  }
}

module network 'modules/network.bicep' = if (hasPrivateNetwork) {
  scope: group
  name: 'network'
  params: { name: names.network, location: location, tags: tags, addressPrefix: networkAddressPrefix }
}

module privateEndpoints 'modules/privateEndpoints.bicep' = if (hasPrivateNetwork) {
  scope: group
  name: 'private-endpoints'
  params: {
    location: location
    tags: tags
    subnetId: network!.outputs.endpointSubnetId
    zoneNames: network!.outputs.zoneNames
    targets: [
      { name: 'state-blob', id: storage.outputs.stateId, part: 'blob' }
      { name: 'state-table', id: storage.outputs.stateId, part: 'table' }
      { name: 'scanned-blob', id: storage.outputs.scannedId, part: 'blob' }
      { name: 'unscanned-blob', id: storage.outputs.unscannedId, part: 'blob' }
      { name: 'backup-blob', id: backup.outputs.id, part: 'blob' }
      { name: 'service-bus', id: serviceBus.outputs.id, part: 'namespace' }
      { name: 'key-vault', id: keyVault.outputs.id, part: 'vault' }
    ]
  }
}

module gateway 'modules/apiManagement.bicep' = if (hasGateway) {
  scope: group
  name: 'api-management'
  dependsOn: [monitoring]
  params: {
    name: names.gateway
    location: location
    tags: tags
    tier: gatewayTier
    publisher: { name: 'Altinn Broker', email: emails[0] }
    appHost: '${names.app}.azurewebsites.net'
    corsOrigins: settings.?CORS_ORIGINS ?? ''
    insightsName: names.insights
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  name: 'roles'
  dependsOn: [identity, monitoring, storage, backup, serviceBus, keyVault, malwareScan, gateway]
  params: {
    identityName: names.identity
    topicName: names.topic
    gatewayName: names.gateway
    stateAccountName: names.state
    deadLetterContainer: containers.deadLetters
    scannedAccountName: names.scanned
    unscannedAccountName: names.unscanned
    backupAccountName: names.backups
    busName: names.bus
    vaultName: names.vault
    insightsName: names.insights
  }
}

module app 'modules/functionApp.bicep' = {
  scope: group
  name: 'function-app'
  dependsOn: [monitoring, storage, backup, serviceBus, keyVault, roles, privateEndpoints]
  params: {
    name: name
    appName: names.app
    location: location
    tags: tags
    identity: { id: identity.outputs.id, clientId: identity.outputs.clientId }
    stateAccountName: names.state
    deploymentContainer: containers.deployments
    scannedAccountName: names.scanned
    unscannedAccountName: names.unscanned
    backupAccountName: names.backups
    busName: names.bus
    vaultName: names.vault
    insightsName: names.insights
    settings: settings
    hasAltinnSubscriptionKey: hasAltinnSubscriptionKey
    hasGateway: hasGateway
    callerAddresses: hasGateway ? gateway!.outputs.addresses : callerAddresses
    subnetId: hasPrivateNetwork ? network!.outputs.appSubnetId : ''
    areFilesReachable: !empty(fileAddresses)
    disabledFunctions: disabledFunctions
    isZoneRedundant: isProduction
    maximumInstances: maximumInstances
    alwaysReadyForHttp: alwaysReadyForHttp
    instanceMemoryMB: instanceMemoryMB
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    name: name
    location: location
    tags: tags
    emails: emails
    sms: sms
    webhookUri: webhookUri
    insightsId: monitoring.outputs.insightsId
    workspaceId: monitoring.outputs.workspaceId
    logCapGB: logCapGB
    busId: serviceBus.outputs.id
    storageAccounts: [
      { label: 'state', id: storage.outputs.stateId }
      { label: 'scanned', id: storage.outputs.scannedId }
      { label: 'unscanned', id: storage.outputs.unscannedId }
      { label: 'backups', id: backup.outputs.id }
    ]
    topicId: malwareScan.outputs.topicId
    appId: app.outputs.id
    // 512,000 MB are what a subscription has in a region, if nobody has asked for more.
    instanceLimit: min(maximumInstances, 512000 / instanceMemoryMB)
    appUrl: appUrl
    gateway: hasGateway ? { id: gateway!.outputs.id, url: gatewayUrl } : { id: '', url: '' }
    scanCapGBPerMonth: scanCapGBPerMonth
  }
}

module diagnostics 'modules/diagnostics.bicep' = {
  scope: group
  name: 'diagnostics'
  dependsOn: [storage, backup, serviceBus, malwareScan, gateway]
  params: {
    workspaceId: monitoring.outputs.workspaceId
    blobAccounts: [names.state, names.scanned, names.unscanned, names.backups]
    tableAccount: names.state
    busName: names.bus
    isBusPremium: hasPrivateNetwork
    topicName: names.topic
    gatewayName: names.gateway
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook'
  dependsOn: [monitoring]
  params: { location: location, tags: tags, insightsName: names.insights }
}

module budget 'modules/budget.bicep' = {
  scope: group
  name: 'budget'
  params: { amount: budgetPerMonth, from: budgetFrom, emails: emails }
}

// Last: Event Grid asks at once whether the topic's identity may send, and a role takes some minutes to reach the namespace.
module scanResults 'modules/scanResults.bicep' = {
  scope: group
  name: 'scan-results'
  dependsOn: [roles, malwareScan, serviceBus, app, alerts, diagnostics, workbook]
  params: {
    topicName: names.topic
    busName: names.bus
    deadLetterAccountId: storage.outputs.stateId
    deadLetterContainer: containers.deadLetters
  }
}

output RESOURCE_GROUP string = group.name
output APP_NAME string = names.app
output APP_URL string = appUrl
output API_URL string = hasGateway ? gatewayUrl : appUrl
output VAULT_NAME string = names.vault
output SCANNED_ACCOUNT_NAME string = names.scanned
