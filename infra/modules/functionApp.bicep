@description('What the names end with')
param name string

@description('Name of the app, and so of its host')
param appName string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('The identity of the app')
param identity { id: string, clientId: string }

@description('Account of the tables, the host and the deployed package')
param stateAccountName string

@description('Container of the deployed package')
param deploymentContainer string

@description('Account of the files that are scanned')
param scannedAccountName string

@description('Account of the files that are not')
param unscannedAccountName string

@description('Account of the backups of the tables')
param backupAccountName string

@description('The Service Bus namespace')
param busName string

@description('The vault')
param vaultName string

@description('Application Insights')
param insightsName string

@description('Settings beyond those that follow from the other resources, by their names in src/config.ts')
param settings object

@description('Whether the vault has a subscription key for Altinn')
param hasAltinnSubscriptionKey bool

@description('Whether callers come by a gateway')
param hasGateway bool

@description('Who reaches the app: addresses of the gateway, or networks (CIDR). None: nobody')
param callerAddresses string[]

@description('Subnet that the app calls from; empty: none')
param subnetId string

@description('Whether clients reach the accounts of the files, and so can use links')
param areFilesReachable bool

@description('Functions that are not run')
param disabledFunctions string[]

@description('Whether its instances are spread over three zones')
param isZoneRedundant bool

@description('How many instances at most')
@minValue(40)
@maxValue(1000)
param maximumInstances int

@description('Instances that are always there for HTTP')
@minValue(0)
param alwaysReadyForHttp int

@description('Memory of an instance')
@allowed([2048, 4096])
param instanceMemoryMB int

var storageSuffix = environment().suffixes.storage
var stateBlobEndpoint = 'https://${stateAccountName}.blob.${storageSuffix}/'
var stateTableEndpoint = 'https://${stateAccountName}.table.${storageSuffix}/'
var vaultUri = 'https://${vaultName}${environment().suffixes.keyvaultDns}/'

// The limits of the specification, and in their manner one for every other operation (docs/decisions/0029). The gateway counts them; without
// one each instance counts for itself.
var rateLimits = join(
  [
    'initializeFileTransfer=120'
    'uploadFile=120'
    'initializeAndUpload=120'
    'createUploadLink=120'
    'completeLinkedUpload=120'
    'getFileTransfer=120'
    'downloadFile=120'
    'createDownloadLink=120'
    'confirmDownload=120'
    'cancelFileTransfer=120'
    'changeExpiry=120'
    'tusUploads=120'
    'getHealth=120'
    'getOpenApi=120'
    'getDocs=120'
    'getDocsScript=120'
    'getDocsStyle=120'
    'configureResource=60'
    'getResource=60'
    'registerServiceOwner=60'
    'getServiceOwner=60'
    'cleanUpUseCaseTests=30'
    'getOwnerActivity=30'
    'getOwnerStatistics=30'
    'listOwnerResources=30'
    'listOwnerDeadLetters=30'
    'replayOwnerDeadLetters=30'
    'listDeadLetters=30'
    'replayDeadLetters=30'
    'rotateMaskinportenKey=30'
    'approveUnscanned=30'
    'listFileTransfers=30'
    'getOrganizationNames=30'
    'listInboxChanges=30'
    'getReceipt=30'
    'initializeFileTransferGroup=30'
    'publishEncryptionKey=30'
    'getEncryptionKeys=30'
    'getFileTransferGroup=30'
    'confirmFileTransferGroup=30'
    'getReceiptKeys=120'
    'getFileTransferDetails=15'
    'getFileTransferEvents=15'
    'searchFileTransfers=10'
    'getMonthlyStatistics=10'
    'generateDailySummary=10'
    'downloadDailySummary=10'
    'tusUpload=3000'
    'tusPart=6000'
    'tusPartLegacy=6000'
    'receiveScanResults=6000'
  ],
  ' '
)

// What may be chosen otherwise. It is what src/config.ts takes by itself, where no comment tells why it is not.
var choices = {
  HOSTING_ENVIRONMENT: 'Production'
  ALTINN_EVENT_FORM: 'party'
  TOKEN_AUDIENCES: ''
  SUBSCRIPTION_KEYS: ''
  RATE_LIMITS: hasGateway ? '' : rateLimits
  STATISTICS_API_KEY_HASH: ''
  REPORT_RESOURCE_ID_FILTER: ''
  UPLOAD_IDLE_SECONDS: '86400'
  PROCESSING_OVERDUE_SECONDS: '300'
  SCAN_WARNING_SECONDS: '900'
  SCAN_OVERDUE_SECONDS: '3600'
  SEARCH_RETENTION_DAYS: '365'
  METADATA_RETENTION_DAYS: '0'
  SWEEP_UNKNOWN_TRANSFERS: '100'
  PATIENCE_SECONDS: '5'
  ACCESS_REMEMBERED_SECONDS: '10'
  TUS_WHOLE_PATCH_BYTES: '16777216'
  // Links lead to the storage accounts.
  UPLOAD_LINKS: areFilesReachable ? 'on' : 'off'
  UPLOAD_LINK_MINUTES: '60'
  DOWNLOAD_LINKS: areFilesReachable ? 'on' : 'off'
  DOWNLOAD_LINK_MINUTES: '10'
  // A task of the timer that is a function is a function group, too, which costs instances (docs/decisions/0037).
  TASKS_BY_NAME: 'off'
  CORS_ORIGINS: ''
  // Verdicts come by the queue. Nobody knows a secret with this hash, so the webhook is closed, which would be open without.
  WEBHOOK_SECRET_HASH: '0000000000000000000000000000000000000000000000000000000000000000'
  WEBHOOK_ENTRA_ISSUER: ''
  WEBHOOK_ENTRA_AUDIENCE: ''
  // The part of all traces that is kept, each as a whole; a file transfer has some two hundred spans.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1'
  // The host reads a body with a Content-Length into its memory, 3.7 bytes for each of it, and keeps that. The gateway refuses such bodies over
  // 16 MiB, so that with it the limit may be that of the largest chunked upload. Without it the host itself must refuse: larger files go by TUS or links.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: hasGateway ? '2000000000000' : '16777216'
  // The worker's HTTP server takes the same headers as the host: what it refused by itself would be waited for for ever (docs/upstream).
  NODE_OPTIONS: '--max-http-header-size=65536'
  AzureWebJobsDisableHomepage: 'true'
}

var places = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__blobServiceUri: stateBlobEndpoint
  AzureWebJobsStorage__tableServiceUri: stateTableEndpoint
  Tables__tableServiceUri: stateTableEndpoint
  ScannedBlobs__blobServiceUri: 'https://${scannedAccountName}.blob.${storageSuffix}/'
  UnscannedBlobs__blobServiceUri: 'https://${unscannedAccountName}.blob.${storageSuffix}/'
  Backups__blobServiceUri: 'https://${backupAccountName}.blob.${storageSuffix}/'
  ServiceBus__fullyQualifiedNamespace: '${busName}.servicebus.windows.net'
  ServiceBus__credential: 'managedidentity'
  // Without a version: a new one is taken up within a day, or when the app is restarted.
  MASKINPORTEN_JWK: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/maskinporten-jwk)'
  // Without a version: the newest one signs.
  RECEIPT_KEY: '${vaultUri}keys/receipts'
  ALTINN_SUBSCRIPTION_KEY: hasAltinnSubscriptionKey ? '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/altinn-subscription-key)' : ''
}

// What the gateway does in the app's place: a browser refuses an answer that allows its page twice.
var leftToGateway = hasGateway ? { CORS_ORIGINS: '' } : {}

var disabled = toObject(disabledFunctions, name => 'AzureWebJobs.${name}.Disabled', _ => 'true')

// Apart, for a snapshot shows them as they are: what follows is known only when the resources are there.
var knownSettings = map(items(union(choices, settings, places, leftToGateway, disabled)), setting => { name: setting.key, value: setting.value })
var laterSettings = [
  { name: 'AZURE_CLIENT_ID', value: identity.clientId }
  { name: 'AzureWebJobsStorage__clientId', value: identity.clientId }
  { name: 'ServiceBus__clientId', value: identity.clientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights.properties.ConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identity.clientId};Authorization=AAD' }
]

// Closed where nobody is named, even when a gateway gives no address. The probe of the alert `health` comes by its service tag.
var namedCallers = map(callerAddresses, address => { ipAddress: contains(address, '/') ? address : '${address}/32', tag: 'Default' })
var callers = concat(namedCallers, [{ ipAddress: 'ApplicationInsightsAvailability', tag: 'ServiceTag' }])

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${name}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: isZoneRedundant }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: appName
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: { name: 'node', version: '22' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${stateBlobEndpoint}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      // Instances are replaced in batches, each when its calls have ended. `Recreate`, the default, cuts them. In preview, and newer than the types.
      #disable-next-line BCP037
      siteUpdateStrategy: { type: 'RollingUpdate' }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstances
        instanceMemoryMB: instanceMemoryMB
        // 16 uploads take 16 x 64 MiB, half of the smallest instance; host and worker want the rest. A stream lasts as long as its client
        // takes, so more instances with few streams each serve it better than few with many.
        triggers: { http: { perInstanceConcurrency: 16 } }
        // What waits for a person or a machine that sends. Messages and timers can wait for an instance to start.
        alwaysReady: alwaysReadyForHttp > 0 ? [{ name: 'http', instanceCount: alwaysReadyForHttp }] : []
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      ipSecurityRestrictionsDefaultAction: 'Deny'
      ipSecurityRestrictions: map(
        callers,
        (source, index) => { name: 'caller-${index}', action: 'Allow', priority: 100 + index, ipAddress: source.ipAddress, tag: source.tag }
      )
      // Packages come by it. A deployment lets its own address in for as long as it takes (docs/operations/deploy.md).
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictions: []
      scmIpSecurityRestrictionsDefaultAction: 'Deny'
      appSettings: concat(knownSettings, laterSettings)
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output id string = app.id
