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

@description('Who is told of alerts and of the budget, and publishes the API; the first one is the publisher')
@minLength(1)
param emails emailAddress[]

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

@description('For how many days logs, traces and metrics are kept')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('The most gigabytes of them taken in a day; -1: no end')
param logCapGB int = 1

@description('What a month may cost, in the currency of the subscription')
param budgetPerMonth int

var tags = { 'azd-env-name': environmentName, service: 'altinn-broker' }
var token = take(uniqueString(subscription().id, prefix, environmentName), 6)
var name = '${prefix}-${environmentName}-${token}'
var appName = 'func-${name}'
var hasGateway = !empty(gatewayTier)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${prefix}-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: { name: 'id-${name}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: { name: name, location: location, tags: tags, retentionDays: logRetentionDays, dailyCapGB: logCapGB }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    prefix: 'st${prefix}'
    token: token
    location: location
    tags: tags
    isProduction: isProduction
    isPrivate: hasPrivateNetwork
    softDeleteDays: softDeleteDays
  }
}

module serviceBus 'modules/serviceBus.bicep' = {
  scope: group
  name: 'service-bus'
  params: { name: 'sb-${name}', location: location, tags: tags, isPrivate: hasPrivateNetwork }
}

module keyVault 'modules/keyVault.bicep' = {
  scope: group
  name: 'key-vault'
  params: {
    name: 'kv-${take(name, 21)}'
    location: location
    tags: tags
    isPrivate: hasPrivateNetwork
    operatorAddresses: operatorAddresses
    workspaceId: monitoring.outputs.workspaceId
  }
}

module malwareScan 'modules/malwareScan.bicep' = {
  scope: group
  name: 'malware-scan'
  params: {
    name: 'evgt-${name}'
    location: location
    tags: tags
    accountName: storage.outputs.scannedName
    capGBPerMonth: scanCapGBPerMonth
    areKeysAllowed: mayScanTopicTakeKeys
  }
}

module network 'modules/network.bicep' = if (hasPrivateNetwork) {
  scope: group
  name: 'network'
  params: { name: 'vnet-${name}', location: location, tags: tags, addressPrefix: networkAddressPrefix }
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
      { name: 'service-bus', id: serviceBus.outputs.id, part: 'namespace' }
      { name: 'key-vault', id: keyVault.outputs.id, part: 'vault' }
    ]
  }
}

module gateway 'modules/apiManagement.bicep' = if (hasGateway) {
  scope: group
  name: 'api-management'
  params: {
    name: 'apim-${name}'
    location: location
    tags: tags
    tier: gatewayTier
    publisher: { name: 'Altinn Broker', email: emails[0] }
    appHost: '${appName}.azurewebsites.net'
    corsOrigins: settings.?CORS_ORIGINS ?? ''
    insightsName: monitoring.outputs.insightsName
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  name: 'roles'
  params: {
    appPrincipalId: identity.outputs.principalId
    topicPrincipalId: malwareScan.outputs.topicPrincipalId
    gatewayPrincipalId: hasGateway ? gateway!.outputs.principalId : ''
    stateAccountName: storage.outputs.stateName
    deadLetterContainer: storage.outputs.deadLetterContainer
    scannedAccountName: storage.outputs.scannedName
    unscannedAccountName: storage.outputs.unscannedName
    busName: serviceBus.outputs.name
    vaultName: keyVault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module scanResults 'modules/scanResults.bicep' = {
  scope: group
  name: 'scan-results'
  dependsOn: [roles]
  params: {
    topicName: malwareScan.outputs.topicName
    busName: serviceBus.outputs.name
    deadLetterAccountId: storage.outputs.stateId
    deadLetterContainer: storage.outputs.deadLetterContainer
  }
}

module app 'modules/functionApp.bicep' = {
  scope: group
  name: 'function-app'
  dependsOn: [roles, privateEndpoints]
  params: {
    name: name
    appName: appName
    location: location
    tags: tags
    identity: { id: identity.outputs.id, clientId: identity.outputs.clientId }
    stateBlobEndpoint: storage.outputs.stateBlobEndpoint
    stateTableEndpoint: storage.outputs.stateTableEndpoint
    deploymentContainer: storage.outputs.deploymentContainer
    scannedBlobEndpoint: storage.outputs.scannedBlobEndpoint
    unscannedBlobEndpoint: storage.outputs.unscannedBlobEndpoint
    busHost: serviceBus.outputs.host
    vaultUri: keyVault.outputs.uri
    insightsName: monitoring.outputs.insightsName
    settings: settings
    hasAltinnSubscriptionKey: hasAltinnSubscriptionKey
    gatewayAddresses: hasGateway ? gateway!.outputs.addresses : []
    subnetId: hasPrivateNetwork ? network!.outputs.appSubnetId : ''
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
    insightsId: monitoring.outputs.insightsId
    busId: serviceBus.outputs.id
    appUrl: 'https://${app.outputs.hostName}'
    scanCapGBPerMonth: scanCapGBPerMonth
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook'
  params: { location: location, tags: tags, insightsId: monitoring.outputs.insightsId }
}

module budget 'modules/budget.bicep' = {
  scope: group
  name: 'budget'
  params: { amount: budgetPerMonth, emails: emails }
}

output RESOURCE_GROUP string = group.name
output APP_NAME string = appName
output APP_URL string = 'https://${app.outputs.hostName}'
output API_URL string = hasGateway ? gateway!.outputs.url : 'https://${app.outputs.hostName}'
output VAULT_NAME string = keyVault.outputs.name
