import { z } from 'zod'
import defaultWorld from './world.json' with { type: 'json' }

const organizationNumber = z.string().regex(/^\d{9}$/)
const allowed = z.union([z.literal('everyone'), z.array(organizationNumber)])
const rules = {
  title: z.string(),
  owner: organizationNumber,
  accessList: z.array(organizationNumber).optional(),
  minimumAuthenticationLevel: z.int().min(0).max(4),
  write: allowed,
  read: allowed,
}

const worldFile = z.object({
  organisations: z.array(
    z.object({
      number: organizationNumber,
      name: z.string(),
      partyId: z.int().positive(),
      partyUuid: z.uuid(),
      serviceOwnerCode: z.string().optional(),
    }),
  ),
  denied: z.array(organizationNumber),
  systemUsers: z.array(z.object({ uuid: z.uuid(), name: z.string(), actsFor: z.array(organizationNumber) })),
  resources: z.array(z.object({ id: z.string().min(1), ...rules })),
  newResources: z.object({ prefixes: z.array(z.string().min(1)), ...rules }),
})

type WorldFile = z.infer<typeof worldFile>
export type Organisation = WorldFile['organisations'][number]
/** A resource and its policy. No `accessList`: anyone may receive. */
export type WorldResource = WorldFile['resources'][number]

/** The organisations, resources and rules that the simulator answers from. */
export type World = {
  organisations: Organisation[]
  resources: WorldResource[]
  organisation(number: string): Organisation | undefined
  party(uuid: string): Organisation | undefined
  resource(id: string): WorldResource | undefined
  isDenied(organization: string): boolean
  /** Notes that a token of this system user was issued for the organisation. */
  rememberSystemUser(uuid: string, organization: string): void
  mayActFor(systemUser: string, organization: string): boolean
  /** The system user that the organisation has given somebody's system, if it has. */
  systemUserOf(organization: string): string | undefined
  /** Has the organisation give one, if it has not. */
  giveSystemUser(organization: string): string
}

/** How many issued system users are remembered; the oldest are forgotten. */
const MAX_ISSUED = 100_000

/** The world of `world.json`. @throws when the file is not a world. */
export function readWorld(): World {
  const { organisations, denied, systemUsers, resources, newResources } = worldFile.parse(defaultWorld)
  const issued = new Set<string>()
  const pair = (uuid: string, organization: string) => `${uuid.toLowerCase()} ${organization}`
  const listed = new Set(systemUsers.flatMap(({ uuid, actsFor }) => actsFor.map((each) => pair(uuid, each))))

  const given = new Map<string, string>()
  const systemUserOf = (organization: string) =>
    systemUsers.find(({ actsFor }) => actsFor.includes(organization))?.uuid ?? given.get(organization)

  return {
    organisations,
    resources,
    organisation: (number) => organisations.find((each) => each.number === number),
    party: (uuid) => organisations.find((each) => each.partyUuid === uuid.toLowerCase()),
    resource: (id) => {
      const { prefixes, ...rest } = newResources
      const isNew = prefixes.some((prefix) => id.startsWith(prefix))
      return resources.find((each) => each.id === id) ?? (isNew ? { id, ...rest } : undefined)
    },
    isDenied: (organization) => denied.includes(organization),
    rememberSystemUser: (uuid, organization) => {
      issued.add(pair(uuid, organization))
      const [oldest] = issued
      if (issued.size > MAX_ISSUED && oldest !== undefined) issued.delete(oldest)
    },
    mayActFor: (systemUser, organization) => {
      const wanted = pair(systemUser, organization)
      return listed.has(wanted) || issued.has(wanted) || pair(given.get(organization) ?? '', organization) === wanted
    },
    systemUserOf,
    giveSystemUser: (organization) => {
      const uuid = systemUserOf(organization) ?? `33333333-0000-4000-8000-000${organization}`
      given.set(organization, uuid)
      return uuid
    },
  }
}
