@description('Name of the Event Grid topic that Defender publishes to')
param topicName string

@description('Name of the Service Bus namespace')
param busName string

@description('The account for events that could not be delivered')
param deadLetterAccountId string

@description('The container for them')
param deadLetterContainer string

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: busName

  resource queue 'queues' existing = {
    name: 'malware-scan-results'
  }
}

// As the topic's own identity, which has its roles by now (main.bicep). No webhook, so that nobody else can bring a verdict.
resource delivery 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'to-service-bus'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: { includedEventTypes: ['Microsoft.Security.MalwareScanningResult'] }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: {
          resourceId: bus::queue.id
          // Duplicate detection then drops what Event Grid brings twice.
          deliveryAttributeMappings: [{ name: 'MessageId', type: 'Dynamic', properties: { sourceField: 'id' } }]
        }
      }
    }
    // A day: long after `SCAN_OVERDUE_SECONDS` a verdict changes nothing any more.
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: deadLetterAccountId, blobContainerName: deadLetterContainer }
      }
    }
  }
}
