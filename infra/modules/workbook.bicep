@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Application Insights')
param insightsName string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insights.id, 'broker')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Altinn Broker'
    category: 'workbook'
    sourceId: insights.id
    serializedData: loadTextContent('../workbook.json')
  }
}
