import type { JWTPayload } from 'jose'
import { z } from 'zod'
import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import { claimsIn, consumerOf, systemUserOf } from './caller.js'

// The requests and answers of Altinn Authorization's decision point (XACML 3.0 JSON profile), and how a subject is made
// of the claims of a token, as Altinn's own library for policy enforcement does it (spec 2.4).

type Attribute = { attributeId: string; value: string; dataType: 'string'; issuer: string; includeInResult?: boolean }
type Category = { id?: string; attribute: Attribute[] }
type Categories = { accessSubject: Category[]; action: Category[]; resource: Category[] }
/** One question: may the subject do any of these actions on the resource? */
export type DecisionRequest = { request: Categories }
/** Each reference names the categories of one question by their ids. */
export type ManyDecisionsRequest = {
  request: Categories & { multiRequests: { requestReference: { referenceId: string[] }[] } }
}

type Access = { actions: string[]; resourceId: string; fileTransferId?: string }
type Asked = Access & { party: OrganizationNumber }

const ALTINN = 'Altinn'
const ORGANIZATION = 'urn:altinn:organization:identifier-no'
const PERSONS = ['urn:altinn:person:uuid', 'urn:altinn:userid', 'urn:altinn:partyid']

/**
 * Asks whether a subject may do one of these actions on a resource for a party. Undefined: the token has no subject.
 */
export function decisionRequest(claims: JWTPayload, asked: Asked): DecisionRequest | undefined {
  const accessSubject = subjectOf(claimsIn(claims))
  if (!accessSubject) return undefined
  const action = asked.actions.map((each) => ({ attribute: [actionAttribute(each)] }))
  const resource = [{ attribute: resourceAttributes(asked) }]
  return { request: { accessSubject: [{ attribute: accessSubject }], action, resource } }
}

/** The same question about each of several parties, each to be decided by itself (§4.2.4 of the profile). */
export function manyDecisionsRequest(
  claims: JWTPayload,
  asked: Access,
  parties: OrganizationNumber[],
): ManyDecisionsRequest | undefined {
  const accessSubject = subjectOf(claims)
  if (!accessSubject) return undefined
  const action = asked.actions.map((each, index) => ({ id: `a${index}`, attribute: [actionAttribute(each)] }))
  const resource = parties.map((party) => ({
    id: `r${party}`,
    // The answer names the party that it is about.
    attribute: resourceAttributes({ ...asked, party }).map((each) =>
      each.attributeId === ORGANIZATION ? { ...each, includeInResult: true } : each,
    ),
  }))
  const common = ['s', ...action.map(({ id }) => id)]
  const requestReference = resource.map(({ id }) => ({ referenceId: [...common, id] }))
  return {
    request: {
      accessSubject: [{ id: 's', attribute: accessSubject }],
      action,
      resource,
      multiRequests: { requestReference },
    },
  }
}

const attributeOf = (attributeId: string, value: string): Attribute => ({
  attributeId,
  value,
  dataType: 'string',
  issuer: ALTINN,
})

const actionAttribute = (action: string) => attributeOf('urn:oasis:names:tc:xacml:1.0:action:action-id', action)

const resourceAttributes = ({ resourceId, party, fileTransferId }: Asked): Attribute[] => [
  attributeOf('urn:altinn:resource', resourceId),
  attributeOf(ORGANIZATION, party),
  ...(fileTransferId ? [attributeOf('urn:altinn:resource:instance-id', fileTransferId)] : []),
]

function subjectOf(claims: JWTPayload): Attribute[] | undefined {
  const issuer = claims.iss ?? ALTINN
  const attribute = (attributeId: string, value: unknown): Attribute => ({
    attributeId,
    value: String(value),
    dataType: 'string',
    issuer,
    includeInResult: false,
  })
  const user = systemUserOf(claims)
  if (user === 'malformed') return undefined
  const person = PERSONS.find((name) => name in claims)
  const systemUserId = user?.systemuser_id[0]
  if (systemUserId && !person) return [attribute('urn:altinn:systemuser:uuid', systemUserId)]

  const session = Object.keys(claims).find((name) => name === 'sid' || name === 'jti')
  const others = Object.keys(claims).filter((name) => name.startsWith('urn:') && !PERSONS.includes(name))
  return [
    ...(claims.scope === undefined ? [] : [attribute('urn:scope', claims.scope)]),
    ...(session ? [attribute('urn:altinn:sessionid', claims[session])] : []),
    ...others.map((name) => attribute(name, claims[name])),
    ...(person ? [attribute(person, claims[person])] : organizationAttributes(claims, attribute)),
    ...(claims.pid === undefined ? [] : [attribute('urn:altinn:person:identifier-no', claims.pid)]),
  ]
}

function organizationAttributes(claims: JWTPayload, attribute: (id: string, value: unknown) => Attribute): Attribute[] {
  const own = claims['urn:altinn:orgNumber']
  if (own !== undefined) return [attribute('urn:altinn:organizationnumber', own), attribute(ORGANIZATION, own)]
  if (ORGANIZATION in claims) return [] // it is among the claims that go in under their own names
  const consumer = consumerOf(claims)
  const [, number, ...more] = (consumer?.ID ?? '').split(':')
  const isOrganization = consumer?.authority === 'iso6523-actorid-upis' && number && more.length === 0
  return isOrganization ? [attribute(ORGANIZATION, number)] : []
}

const assignment = z.object({ category: z.string().nullish(), value: z.unknown() })
const attributeInResult = z.object({ attributeId: z.string(), value: z.unknown() })
/** The part of the answer that is read. */
export const decisionAnswer = z.object({
  response: z
    .array(
      z.object({
        decision: z.string(),
        obligations: z.array(z.object({ attributeAssignment: z.array(assignment).nullish() })).nullish(),
        category: z.array(z.object({ categoryId: z.string(), attribute: z.array(attributeInResult) })).nullish(),
      }),
    )
    .min(1),
})
export type DecisionAnswer = z.infer<typeof decisionAnswer>

const RESOURCE = 'urn:oasis:names:tc:xacml:3.0:attribute-category:resource'

/** The parties that an answer to many questions permits, each by its own decision. */
export function partiesPermitted({ response }: DecisionAnswer, claims: JWTPayload): string[] {
  return response
    .filter((each) => permits({ response: [each] }, claims))
    .flatMap(({ category }) => category ?? [])
    .filter(({ categoryId }) => categoryId === RESOURCE)
    .flatMap(({ attribute }) => attribute.filter(({ attributeId }) => attributeId === ORGANIZATION))
    .map(({ value }) => String(value))
}

const MINIMUM_LEVEL = 'urn:altinn:minimum-authenticationlevel'

/** Whether every decision permits, and the authentication of a token with these claims is strong enough. */
export function permits({ response }: DecisionAnswer, claims: JWTPayload): boolean {
  return response.every(({ decision, obligations }) => {
    const demands = (obligations ?? []).flatMap(({ attributeAssignment }) => attributeAssignment ?? [])
    const isMet = (category: string) => {
      const levels = demands.filter((each) => each.category === category).map(({ value }) => value)
      return levels.length > 0 ? levels.every((level) => requiredLevel(level) <= levelOf(claims)) : undefined
    }
    const isStrong = isMet(MINIMUM_LEVEL) ?? true
    const isStrongForOwner = 'urn:altinn:org' in claims && isMet(`${MINIMUM_LEVEL}-org`) === true
    return decision === 'Permit' && (isStrong || isStrongForOwner)
  })
}

/** What is no level is above all levels. */
const requiredLevel = (level: unknown): number =>
  /^\d+$/.test(String(level)) ? Number(level) : Number.POSITIVE_INFINITY

/**
 * How strongly the holder of the token was authenticated. Tokens of Maskinporten have no level, and count as level 3.
 */
function levelOf(claims: JWTPayload): number {
  const level = claims['urn:altinn:authlevel']
  if (level !== undefined) return Number(level) || 0
  return claims.consumer !== undefined && claims.iss?.includes('maskinporten') ? 3 : 0
}
