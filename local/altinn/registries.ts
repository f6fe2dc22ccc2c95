import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { jsonBody } from './jsonBody.js'
import type { Organisation, World, WorldResource } from './world.js'

const lookup = z.object({ orgNo: z.string() })

/** Altinn's Resource Registry with its access lists. */
export function resourceRegistryRoutes(world: World) {
  return new Hono()
    .basePath('/resourceregistry/api/v1')
    .get('/resource/:id', (c) => {
      const resource = world.resource(c.req.param('id'))
      return resource ? c.json(registered(resource, world)) : c.text('The resource is not registered', 404)
    })
    .get('/access-lists/memberships', (c) => {
      const resources = c.req.queries('resource')?.flatMap((urn) => world.resource(afterColon(urn)) ?? []) ?? []
      const parties = c.req.queries('party')?.flatMap((urn) => findParty(world, urn) ?? []) ?? []
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
      return c.json({ data, links: {} })
    })
}

/** Altinn Register: organisations as parties. */
export function registerRoutes(world: World) {
  return new Hono()
    .basePath('/register/api/v1/parties')
    .get('/byuuid/:uuid', (c) => partyAnswer(c, world.party(c.req.param('uuid'))))
    .post('/lookup', async (c) => {
      const asked = lookup.safeParse(await jsonBody(c))
      return asked.success ? partyAnswer(c, world.organisation(asked.data.orgNo)) : c.text('orgNo is missing', 400)
    })
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

function partyAnswer(c: Context, organisation: Organisation | undefined) {
  if (!organisation) return c.text('No such party', 404)
  const { number, name, partyId, partyUuid } = organisation
  return c.json({
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
