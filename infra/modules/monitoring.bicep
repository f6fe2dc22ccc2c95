@description('Name of the workspace')
param workspaceName string

@description('Name of Application Insights')
param insightsName string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('For how many days logs, traces and metrics are kept')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('The most gigabytes taken in a day; -1: no end')
param dailyCapGB int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: dailyCapGB }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // Whoever sends must be a known identity: the connection string alone is no key.
    DisableLocalAuth: true
  }
}

output workspaceId string = workspace.id
output insightsId string = insights.id
