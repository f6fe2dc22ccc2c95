import { Hono } from 'hono'
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

/** Tokens for anyone, as Altinn's own test token generator gives them. */
export function tokenGeneratorRoutes(issuers: { altinn: Issuer; maskinporten: Issuer }, world: World) {
  return new Hono().get('/token', async (c) => {
    const asked = query.safeParse(c.req.query())
    if (!asked.success) {
      const problems = asked.error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim())
      return c.text(`The token cannot be made: ${problems.join('; ')}.`, 400)
    }
    const { org, scope, systemUser, vendor, expiresIn, kind } = asked.data
    if (systemUser) world.rememberSystemUser(systemUser, org)
    const claims: JWTPayload = {
      scope: scope.split(/\s+/).join(' '),
      client_id: `test-${vendor ?? org}`,
      consumer: iso6523(vendor ?? org),
      ...(systemUser ? { authorization_details: [systemUserDetails(systemUser, org)] } : {}),
    }
    if (kind === 'maskinporten') return c.text(await issuers.maskinporten.sign(claims, expiresIn))
    return c.text(await issuers.altinn.sign({ ...claims, ...enterpriseClaims(world, org) }, expiresIn))
  })
}
