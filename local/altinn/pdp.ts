import { Hono } from 'hono'
import { z } from 'zod'
import { authorized, type Issuer, unauthorized } from './authentication/issuers.js'
import { jsonBody } from './jsonBody.js'
import type { World, WorldResource } from './world.js'

type Decision = 'Permit' | 'Deny' | 'NotApplicable'

const attribute = z.object({
  attributeId: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).transform(String),
  includeInResult: z.boolean().default(false),
})
const categories = z.array(z.object({ id: z.string().optional(), attribute: z.array(attribute) })).min(1)
const xacmlRequest = z.object({
  request: z.object({
    accessSubject: categories,
    action: categories,
    resource: categories,
    multiRequests: z.object({ requestReference: z.array(z.object({ referenceId: z.array(z.string()) })) }).optional(),
  }),
})
type Categories = z.infer<typeof categories>
type Question = Omit<z.infer<typeof xacmlRequest>['request'], 'multiRequests'>

const ORGANIZATION = 'urn:altinn:organization:identifier-no'
const ADMIN_SCOPE = 'altinn:authorization/authorize.admin'

/** Altinn's policy decision point, XACML in JSON, with the rules of the world. */
export function pdpRoutes(altinn: Issuer, world: World) {
  return new Hono().post('/authorization/api/v1/authorize', async (c) => {
    const claims = await authorized(altinn, c.req.header('authorization'), ADMIN_SCOPE)
    if (!claims) return unauthorized(c)
    const parsed = xacmlRequest.safeParse(await jsonBody(c))
    if (!parsed.success) return c.json({ title: 'Not an XACML request', detail: z.prettifyError(parsed.error) }, 400)
    return c.json({ response: questionsIn(parsed.data.request).map((each) => resultOf(each, world)) })
  })
}

/** Several questions in one request name their parts; like Altinn's PDP, it takes a lone reference for no reference. */
function questionsIn({ multiRequests, ...whole }: z.infer<typeof xacmlRequest>['request']): Question[] {
  const references = multiRequests?.requestReference ?? []
  if (references.length < 2) return [whole]
  return references.map(({ referenceId }) => {
    const named = (those: Categories) => those.filter(({ id }) => id !== undefined && referenceId.includes(id))
    return { accessSubject: named(whole.accessSubject), action: named(whole.action), resource: named(whole.resource) }
  })
}

function resultOf(request: Question, world: World) {
  const resource = world.resource(values(request.resource, 'urn:altinn:resource')[0] ?? '')
  const decision = resource ? decide(request, resource, world) : 'NotApplicable'
  return {
    decision,
    status: { statusCode: { value: 'urn:oasis:names:tc:xacml:1.0:status:ok' } },
    obligations: decision === 'Permit' && resource ? [authenticationLevel(resource)] : null,
    category: [
      {
        categoryId: 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource',
        attribute: request.resource.flatMap((each) => each.attribute.filter(({ includeInResult }) => includeInResult)),
      },
    ],
  }
}

function decide(request: Question, resource: WorldResource, world: World): Decision {
  const [party] = values(request.resource, ORGANIZATION)
  if (party === undefined) return 'NotApplicable'
  const organizations = values(request.accessSubject, ORGANIZATION, 'urn:altinn:organizationnumber')
  const systemUsers = values(request.accessSubject, 'urn:altinn:systemuser:uuid')
  if ([party, ...organizations].some(world.isDenied)) return 'Deny'
  const acts =
    systemUsers.length > 0
      ? systemUsers.some((uuid) => world.mayActFor(uuid, party))
      : organizations.some((organization) => organization === party)
  if (!acts) return 'NotApplicable'
  // Several action categories in one request are one bag for Altinn's PDP: a rule for any of them permits.
  const actions = values(request.action, 'urn:oasis:names:tc:xacml:1.0:action:action-id')
  return actions.some((action) => permits(resource, action, party)) ? 'Permit' : 'NotApplicable'
}

function permits(resource: WorldResource, action: string, party: string): boolean {
  if (action !== 'write' && action !== 'read') return false
  return resource[action] === 'everyone' || resource[action].includes(party)
}

const values = (from: Categories, ...ids: string[]): string[] =>
  from.flatMap((category) => category.attribute.filter((each) => ids.includes(each.attributeId)).map((a) => a.value))

const authenticationLevel = (resource: WorldResource) => ({
  id: 'urn:altinn:obligation:authenticationLevel1',
  attributeAssignment: [
    {
      attributeId: 'urn:altinn:obligation-assignment:1',
      value: String(resource.minimumAuthenticationLevel),
      category: 'urn:altinn:minimum-authenticationlevel',
      dataType: 'http://www.w3.org/2001/XMLSchema#integer',
      issuer: null,
    },
  ],
})
