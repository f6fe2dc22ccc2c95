@description('Name of the namespace')
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Whether only private endpoints, and the services that Azure trusts, reach it; that takes the tier Premium')
param isPrivate bool

var tier = isPrivate ? 'Premium' : 'Standard'

// A lock is renewed by the host while work goes on (`maxAutoLockRenewalDuration` in host.json): a minute is how long the message of a process that died waits.
var lockDuration = 'PT1M'

// The app abandons nothing: work that failed is scheduled again for two days, and only then thrown back until this count. So it counts lost
// locks and deaths, of which ten in a row are not chance.
var maxDeliveryCount = 10

// Longer than the two days, and a holiday. What expires all the same becomes a dead letter: nothing vanishes.
var timeToLive = 'P14D'

// Ids are derived from what a message says. Ten minutes catch what is sent twice by mistake; what must come back has an id of its own.
var duplicateDetection = 'PT10M'

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: isPrivate ? { name: tier, tier: tier, capacity: 1 } : { name: tier, tier: tier }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }
}

resource network 'Microsoft.ServiceBus/namespaces/networkRuleSets@2024-01-01' = if (isPrivate) {
  parent: bus
  name: 'default'
  properties: {
    publicNetworkAccess: 'Disabled'
    defaultAction: 'Deny'
    // Event Grid brings Defender's verdicts by this way.
    trustedServiceAccessEnabled: true
  }
}

// `queues` in src/config.ts
resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queue in [
    'upload-processing'
    'event-delivery'
    'due'
    'malware-scan-results'
  ]: {
    parent: bus
    name: queue
    properties: {
      lockDuration: lockDuration
      maxDeliveryCount: maxDeliveryCount
      defaultMessageTimeToLive: timeToLive
      deadLetteringOnMessageExpiration: true
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: duplicateDetection
    }
  }
]

// `fileTransferEvents` in src/config.ts
resource topic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = {
  parent: bus
  name: 'filetransfer-events'
  properties: {
    defaultMessageTimeToLive: timeToLive
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicateDetection
  }
}

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [
  for subscriptionName in [
    'altinn-events'
    'statistics'
  ]: {
    parent: topic
    name: subscriptionName
    properties: {
      lockDuration: lockDuration
      maxDeliveryCount: maxDeliveryCount
      defaultMessageTimeToLive: timeToLive
      deadLetteringOnMessageExpiration: true
    }
  }
]

output id string = bus.id
