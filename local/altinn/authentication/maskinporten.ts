import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { World } from '../world.js'
import { type AssertionCheck, assertionCheck, type Client } from './assertions.js'
import { bearerToken, enterpriseClaims, type Issuer, iso6523, systemUserDetails, unauthorized } from './issuers.js'

type Deps = {
  base: string
  altinn: Issuer
  maskinporten: Issuer
  client: Client | undefined
  world: World
  log: (line: string) => void
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** The organisation that runs Broker, and that a client belongs to whose id has no number of another. */
const BROKER_ORGANIZATION = '991825827'
const TOKEN_SECONDS = 120
const ALTINN_TOKEN_SECONDS = 1800

const assertionClaims = z.object({
  iss: z.string(),
  scope: z.string().trim().min(1),
  iat: z.number(),
  exp: z.number(),
  authorization_details: z
    .array(
      z.object({
        type: z.literal('urn:altinn:systemuser'),
        systemuser_org: z.object({ authority: z.string(), ID: z.string().regex(/^(0192:)?\d{9}$/) }),
      }),
    )
    .optional(),
})

const maskinportenClaims = z.object({
  scope: z.string(),
  client_id: z.string(),
  consumer: z.object({ authority: z.string(), ID: z.string().regex(/^0192:\d{9}$/) }),
})

/** Discovery of both issuers, Maskinporten's token endpoint and Altinn's exchange. */
export function tokenRoutes({ base, altinn, maskinporten, client, world, log }: Deps) {
  const openid = '/authentication/api/v1/openid/.well-known/openid-configuration'
  const check = assertionCheck(client, maskinporten.url, log)
  const token = async (c: Context) =>
    grant(c, { maskinporten, client, check, world }, new URLSearchParams(await c.req.text()))
  return new Hono()
    .get(openid, (c) =>
      c.json({
        issuer: altinn.url,
        jwks_uri: `${base}${openid}/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }),
    )
    .get(`${openid}/jwks`, (c) => c.json(altinn.jwks))
    .get('/maskinporten/.well-known/oauth-authorization-server', (c) =>
      c.json({
        issuer: maskinporten.url,
        token_endpoint: `${base}/maskinporten/token`,
        jwks_uri: `${base}/maskinporten/jwk`,
        grant_types_supported: [GRANT],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'ES256'],
      }),
    )
    .get('/maskinporten/jwk', (c) => c.json(maskinporten.jwks))
    .post('/maskinporten/token', token)
    .post('/token', token) // the path that Maskinporten has itself, for clients that have its host replaced
    .get('/authentication/api/v1/exchange/maskinporten', (c) => exchange(c, { altinn, maskinporten, world }))
}

/** RFC 7523: a token for a signed assertion. */
async function grant(
  c: Context,
  { maskinporten, client, check, world }: Pick<Deps, 'maskinporten' | 'client' | 'world'> & { check: AssertionCheck },
  form: URLSearchParams,
) {
  /** RFC 6749 §5.2 */
  const refused = (error: string, description: string) => c.json({ error, error_description: description }, 400)
  if (form.get('grant_type') !== GRANT) return refused('unsupported_grant_type', `grant_type must be ${GRANT}`)
  const assertion = form.get('assertion')
  if (!assertion) return refused('invalid_request', 'assertion is missing')
  const verified = await check(assertion)
  if (typeof verified === 'string') return refused('invalid_grant', verified)
  const claims = assertionClaims.safeParse(verified)
  if (!claims.success) return refused('invalid_grant', 'the assertion needs iss, scope, iat and exp')
  const { iss, scope, iat, exp, authorization_details: asked } = claims.data
  if (exp - iat > TOKEN_SECONDS) return refused('invalid_grant', `exp is more than ${TOKEN_SECONDS} s after iat`)
  const consumer = iso6523(/\d{9}/.exec(iss)?.[0] ?? BROKER_ORGANIZATION)
  const systemUser = iss === client?.id ? world.systemUserOf : world.giveSystemUser
  const details = asked?.map(({ systemuser_org: { ID } }) => systemUserClaim(systemUser, ID.slice(-9)))
  if (details?.includes(undefined)) return refused('invalid_request', 'the organisation has given no system user')
  const acting = details === undefined ? {} : { authorization_details: details }
  const token = await maskinporten.sign({ scope, client_id: iss, consumer, ...acting }, TOKEN_SECONDS)
  return c.json({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope })
}

/** A system user as the vendor's token names it; undefined where the organisation has given none. */
function systemUserClaim(systemUserOf: (organization: string) => string | undefined, organization: string) {
  const uuid = systemUserOf(organization)
  return uuid === undefined ? undefined : systemUserDetails(uuid, organization)
}

async function exchange(c: Context, { altinn, maskinporten, world }: Pick<Deps, 'altinn' | 'maskinporten' | 'world'>) {
  const token = bearerToken(c.req.header('authorization'))
  const claims = maskinportenClaims.loose().safeParse(token && (await maskinporten.verify(token)))
  if (!claims.success) return unauthorized(c)
  const { scope, client_id, consumer, authorization_details } = claims.data
  const carried = { scope, client_id, consumer, ...(authorization_details ? { authorization_details } : {}) }
  const organization = consumer.ID.slice('0192:'.length)
  const exchanged = await altinn.sign({ ...carried, ...enterpriseClaims(world, organization) }, ALTINN_TOKEN_SECONDS)
  return wantsJson(c.req.header('accept')) ? c.json(exchanged) : c.text(exchanged)
}

/** As ASP.NET decides about a text: JSON for who takes that and not everything. */
const wantsJson = (accept = '*/*') => !accept.includes('*/*') && accept.includes('application/json')
