@description('Name of the vault')
@maxLength(24)
param name string

@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('Whether nobody can purge it, or a secret of it, in 90 days after its deletion')
param isProduction bool

@description('Whether only the private endpoint and the addresses below reach it')
param isPrivate bool

@description('Addresses of those who put secrets in, when it is private (CIDR)')
param operatorAddresses string[]

@description('Where the audit log goes')
param workspaceId string

// For what must be a secret: the key of the Maskinporten client, and Broker's subscription key at Altinn. No template ever sees them: people put
// them in (docs/operations/deploy.md), the app refers to them.
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    // Never false: null leaves it off, and a vault that has it keeps it. A protected vault holds its name for 90 days after it was deleted.
    enablePurgeProtection: isProduction ? true : null
    publicNetworkAccess: isPrivate && empty(operatorAddresses) ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
      ipRules: [for address in operatorAddresses: { value: address }]
    }
  }
}

// Signs receipts. A deployment leaves a key that is there as it is: people add its versions (docs/operations/rotate.md).
resource receiptKey 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'receipts'
  tags: tags
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    attributes: { enabled: true, exportable: false }
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output id string = vault.id
