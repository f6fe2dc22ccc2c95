import { z } from 'zod'
import { json, parseJson, type Route, text } from './http.js'
import type { Organisation, World, WorldResource } from './world.js'

const lookup = z.object({ orgNo: z.string() })

/** Altinn's Resource Registry with its access lists. */
export function resourceRegistryRoutes(world: World): Route[] {
  return [
    {
      method: 'GET',
      path: '/resourceregistry/api/v1/resource/{id}',
      answer: ({ params }) => {
        const resource = world.resource(params.id ?? '')
        return resource ? json(200, registered(resource, world)) : text(404, 'The resource is not registered')
      },
    },
    {
      method: 'GET',
      path: '/resourceregistry/api/v1/access-lists/memberships',
      answer: ({ url }) => {
        const resources = url.searchParams.getAll('resource').flatMap((urn) => world.resource(afterColon(urn)) ?? [])
        const parties = url.searchParams.getAll('party').flatMap((urn) => findParty(world, urn) ?? [])
        const data = resources.flatMap(({ id, accessList = [] }) =>
          parties
            .filter(({ number }) => accessList.includes(number))
            .map(({ partyUuid }) => ({
              party: `urn:altinn:party:uuid:${partyUuid}`,
              resource: `urn:altinn:resource:${id}`,
              since: '2024-01-01T00:00:00+00:00',
              actionFilters: null,
            })),
        )
        return json(200, { data, links: {} })
      },
    },
  ]
}

/** Altinn Register: organisations as parties. */
export function registerRoutes(world: World): Route[] {
  return [
    {
      method: 'GET',
      path: '/register/api/v1/parties/byuuid/{uuid}',
      answer: ({ params }) => partyAnswer(world.party(params.uuid ?? '')),
    },
    {
      method: 'POST',
      path: '/register/api/v1/parties/lookup',
      answer: async (call) => {
        const asked = lookup.safeParse(parseJson(await call.text()))
        return asked.success ? partyAnswer(world.organisation(asked.data.orgNo)) : text(400, 'orgNo is missing')
      },
    },
  ]
}

const afterColon = (urn: string) => urn.slice(urn.lastIndexOf(':') + 1)

const findParty = (world: World, urn: string) =>
  urn.startsWith('urn:altinn:party:uuid:') ? world.party(afterColon(urn)) : world.organisation(afterColon(urn))

function registered({ id, title, owner, accessList }: WorldResource, world: World) {
  const organisation = world.organisation(owner)
  const name = organisation?.name ?? owner
  return {
    identifier: id,
    title: { nb: title, nn: title, en: title },
    hasCompetentAuthority: {
      name: { nb: name, nn: name, en: name },
      organization: owner,
      orgcode: organisation?.serviceOwnerCode ?? null,
    },
    status: 'Active',
    resourceType: 'BrokerService',
    delegable: true,
    visible: true,
    accessListMode: accessList ? 'Enabled' : 'Disabled',
  }
}

function partyAnswer(organisation: Organisation | undefined) {
  if (!organisation) return text(404, 'No such party')
  const { number, name, partyId, partyUuid } = organisation
  return json(200, {
    partyId,
    partyUuid,
    partyTypeName: 2,
    orgNumber: number,
    ssn: '',
    unitType: 'AS',
    name,
    isDeleted: false,
    onlyHierarchyElementWithNoAccess: false,
    organization: { orgNumber: number, name, unitType: 'AS' },
  })
}
