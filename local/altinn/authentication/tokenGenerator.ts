import { type Context, Hono } from 'hono'
import type { JWTPayload } from 'jose'
import { z } from 'zod'
import type { World } from '../world.js'
import { enterpriseClaims, type Issuer, iso6523, systemUserDetails } from './issuers.js'

const TEN_YEARS = 10 * 365 * 24 * 3600
const organizationNumber = z.string().regex(/^\d{9}$/, 'must be nine digits')

const query = z.strictObject({
  org: organizationNumber,
  scope: z.string().trim().min(1, 'must be at least one scope'),
  systemUser: z.uuid('must be a UUID').optional(),
  vendor: organizationNumber.optional(),
  expiresIn: z.coerce.number('must be whole seconds').int().min(-TEN_YEARS).max(TEN_YEARS).default(3600),
  kind: z.enum(['altinn', 'maskinporten'], 'must be altinn or maskinporten').default('altinn'),
})

/** What Altinn's test tools take. What else they are asked for means nothing here. */
const testToolsQuery = z.object({
  orgNo: organizationNumber,
  scopes: z.string().trim().min(1, 'must be at least one scope'),
  supplierOrgNo: organizationNumber.optional(),
  ttl: z.coerce.number('must be whole seconds').int().positive().max(TEN_YEARS).default(1800),
})

/** Tokens for anyone: as this machine asks for them, and as Altinn's own test token generator is asked. */
export function tokenGeneratorRoutes(issuers: { altinn: Issuer; maskinporten: Issuer }, world: World) {
  const claimsOf = (scopes: string, client: string): JWTPayload => ({
    scope: scopes.split(/[\s,]+/).join(' '),
    client_id: `test-${client}`,
    consumer: iso6523(client),
  })
  const token = async (c: Context) => {
    const asked = query.safeParse(c.req.query())
    if (!asked.success) return refused(c, asked.error)
    const { org, scope, systemUser, vendor, expiresIn, kind } = asked.data
    if (systemUser) world.rememberSystemUser(systemUser, org)
    const claims = {
      ...claimsOf(scope, vendor ?? org),
      ...(systemUser ? { authorization_details: [systemUserDetails(systemUser, org)] } : {}),
    }
    if (kind === 'maskinporten') return c.text(await issuers.maskinporten.sign(claims, expiresIn))
    return c.text(await issuers.altinn.sign({ ...claims, ...enterpriseClaims(world, org) }, expiresIn))
  }
  const enterpriseToken = async (c: Context) => {
    const asked = testToolsQuery.safeParse(c.req.query())
    if (!asked.success) return refused(c, asked.error)
    const { orgNo, scopes, supplierOrgNo, ttl } = asked.data
    const claims = claimsOf(scopes, supplierOrgNo ?? orgNo)
    return c.text(await issuers.altinn.sign({ ...claims, ...enterpriseClaims(world, orgNo) }, ttl))
  }
  return new Hono().get('/token', token).get('/api/GetEnterpriseToken', enterpriseToken)
}

function refused(c: Context, { issues }: z.ZodError) {
  const problems = issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim())
  return c.text(`The token cannot be made: ${problems.join('; ')}.`, 400)
}
