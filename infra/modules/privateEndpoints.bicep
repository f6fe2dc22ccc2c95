@description('Region')
param location string

@description('Tags of every resource')
param tags object

@description('The subnet that the endpoints are in')
param subnetId string

@description('DNS zones by the part of a service that they are for')
param zoneNames object

@description('What is to be reached: a name, the resource, and the part of it')
param targets { name: string, id: string, part: string }[]

// One after the other: an account does not take two at a time, nor does a subnet.
@batchSize(1)
resource endpoints 'Microsoft.Network/privateEndpoints@2024-07-01' = [
  for target in targets: {
    name: 'pe-${target.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        { name: target.name, properties: { privateLinkServiceId: target.id, groupIds: [target.part] } }
      ]
    }
  }
]

resource zones 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-07-01' = [
  for (target, index) in targets: {
    parent: endpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: target.part
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', zoneNames[target.part]) }
        }
      ]
    }
  }
]
