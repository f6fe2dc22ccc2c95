@description('Name of the gateway')
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Tier. The classic ones alone carry bodies of any size; Consumption and v2 end at 1 GiB (docs/decisions/0019)')
param tier string

@description('Who publishes the API')
param publisher { name: string, email: string }

@description('Host name of the app behind it')
param appHost string

@description('Origins of pages that may call from a browser, parted by spaces')
param corsOrigins string

@description('Application Insights')
param insightsName string

var origins = filter(split(corsOrigins, ' '), origin => !empty(origin))
// The gateway answers a preflight itself, since a browser sends it without the key.
var cors = empty(origins)
  ? ''
  : replace(loadTextContent('../policies/cors.xml'), '<!-- origins -->', join(map(origins, origin => '<origin>${origin}</origin>'), ''))

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource gateway 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: tier, capacity: 1 }
  identity: { type: 'SystemAssigned' }
  properties: { publisherName: publisher.name, publisherEmail: publisher.email }
}

resource logger 'Microsoft.ApiManagement/service/loggers@2024-05-01' = {
  parent: gateway
  name: 'insights'
  properties: {
    loggerType: 'applicationInsights'
    resourceId: insights.id
    credentials: {
      connectionString: insights.properties.ConnectionString
      identityClientId: 'SystemAssigned'
    }
  }
}

resource backend 'Microsoft.ApiManagement/service/backends@2024-05-01' = {
  parent: gateway
  name: 'app'
  properties: { protocol: 'http', url: 'https://${appHost}' }
}

resource api 'Microsoft.ApiManagement/service/apis@2024-05-01' = {
  parent: gateway
  name: 'broker'
  properties: {
    displayName: 'Altinn Broker'
    path: ''
    protocols: ['https']
    serviceUrl: 'https://${appHost}'
    subscriptionRequired: true
    subscriptionKeyParameterNames: { header: 'Ocp-Apim-Subscription-Key', query: 'subscription-key' }
    format: 'openapi+json'
    // Not `loadTextContent`, which takes half as much text.
    value: string(loadJsonContent('../../openapi.json'))
  }
}

// What the document does not show: old TUS addresses, pages of the documentation, and what operators call. Not OPTIONS: where an operation has
// it, the gateway does not answer preflights.
resource others 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for method in [
    'GET'
    'POST'
    'PUT'
    'PATCH'
    'DELETE'
    'HEAD'
  ]: {
    parent: api
    name: 'other-${toLower(method)}'
    properties: { displayName: 'Other ${method}', method: method, urlTemplate: '/*' }
  }
]

resource policy 'Microsoft.ApiManagement/service/apis/policies@2024-05-01' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'xml'
    value: replace(loadTextContent('../policies/api.xml'), '<!-- cors -->', cors)
  }
  dependsOn: [backend, others]
}

resource diagnostics 'Microsoft.ApiManagement/service/apis/diagnostics@2024-05-01' = {
  parent: api
  name: 'applicationinsights'
  properties: {
    loggerId: logger.id
    alwaysLog: 'allErrors'
    httpCorrelationProtocol: 'W3C'
    // Addresses hold organisation numbers, bodies hold files.
    operationNameFormat: 'Name'
    sampling: { samplingType: 'fixed', percentage: 10 }
    frontend: { request: { body: { bytes: 0 } }, response: { body: { bytes: 0 } } }
    backend: { request: { body: { bytes: 0 } }, response: { body: { bytes: 0 } } }
  }
}

// One subscription for each organisation that integrates: the limits are counted by it.
resource product 'Microsoft.ApiManagement/service/products@2024-05-01' = {
  parent: gateway
  name: 'broker'
  properties: { displayName: 'Altinn Broker', state: 'published', subscriptionRequired: true, approvalRequired: true }
}

resource productApi 'Microsoft.ApiManagement/service/products/apis@2024-05-01' = {
  parent: product
  name: api.name
}

output url string = gateway.properties.gatewayUrl
output addresses array = gateway.properties.publicIPAddresses
output principalId string = gateway.identity.principalId
