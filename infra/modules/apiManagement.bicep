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

// What the document does not show: old TUS addresses, pages of the documentation, and what operators call. In the document, since an import deletes
// every operation that is not in it. Not OPTIONS: where an operation has it, the gateway does not answer preflights.
var others = toObject(['get', 'post', 'put', 'patch', 'delete', 'head'], method => method, method => {
  operationId: 'other-${method}'
  summary: 'Other ${toUpper(method)}'
  responses: { default: { description: 'As the app answers' } }
})
// Not `loadTextContent`, which takes half as much text.
var published = loadJsonContent('../../openapi.json')
var document = union(published, { paths: union(published.paths, { '/*': others }) })

// A key may also come in the address.
var keys = { queryParams: [{ value: 'subscription-key', mode: 'Mask' }] }

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
    value: string(document)
    // Else a query parameter that an operation cannot do without becomes part of its address, and a call without it finds nothing.
    translateRequiredQueryParameters: 'query'
  }
}

resource policy 'Microsoft.ApiManagement/service/apis/policies@2024-05-01' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'xml'
    value: replace(loadTextContent('../policies/api.xml'), '<!-- cors -->', cors)
  }
  dependsOn: [backend]
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
    frontend: { request: { body: { bytes: 0 }, dataMasking: keys }, response: { body: { bytes: 0 } } }
    backend: { request: { body: { bytes: 0 }, dataMasking: keys }, response: { body: { bytes: 0 } } }
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

output id string = gateway.id
output addresses array = gateway.properties.publicIPAddresses
