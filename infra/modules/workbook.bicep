@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Application Insights')
param insightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(insightsId, 'broker')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Altinn Broker'
    category: 'workbook'
    sourceId: insightsId
    serializedData: loadTextContent('../workbook.json')
  }
}
