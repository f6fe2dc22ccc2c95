// What the identity that deploys an environment may do. An Owner of the subscription gives it, once for each environment (docs/operations/deploy.md).
targetScope = 'subscription'

@description('The identity that deploys (its principal id)')
@minLength(36)
@maxLength(36)
param principalId string

@description('Whether it sets locks, as in prod')
param canLock bool

// Built-in roles
var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
var accessAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168' // Role Based Access Control Administrator
// Malware scanning gives its scanner two roles (Storage Data Scanner, EventGrid Data Sender) by the rights of the identity that turns it on: this one permits just those.
var scannerOperator = '0f641de8-0b88-4198-bdef-bd8b45ceba96' // Defender for Storage Scanner Operator

// The roles in modules/roles.bicep: it gives no other, and so cannot raise itself.
var given = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  'db58b8e5-c6ad-4a2a-8342-4190687cbf4a' // Storage Blob Delegator
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39' // Azure Service Bus Data Sender
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0' // Azure Service Bus Data Receiver
  '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
  '12338af0-0e69-4776-bea7-57ae8d297424' // Key Vault Crypto User
  '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
]
var ids = '{${join(given, ', ')}}'
var condition = '((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/write\'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${ids})) AND ((!(ActionMatches{\'Microsoft.Authorization/roleAssignments/delete\'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals ${ids}))'

func definition(role string) string => subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)

resource plain 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [contributor, scannerOperator]: {
    name: guid(subscription().id, principalId, role)
    properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: definition(role) }
  }
]

resource roleGiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, accessAdministrator)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: definition(accessAdministrator)
    condition: condition
    conditionVersion: '2.0'
  }
}

// Of the built-in roles only Owner and User Access Administrator may lock.
resource locker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (canLock) {
  name: guid(subscription().id, 'broker-locks')
  properties: {
    roleName: 'Altinn Broker locks'
    description: 'Sets the locks of the accounts that hold file transfers'
    type: 'CustomRole'
    permissions: [{ actions: ['Microsoft.Authorization/locks/*'] }]
    assignableScopes: [subscription().id]
  }
}

resource lockGiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (canLock) {
  name: guid(subscription().id, principalId, 'broker-locks')
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: locker.id }
}
