import { z } from 'zod'
import { type OrganizationNumber, parseOrganizationNumber } from '../../domain/organizationNumber.js'
import { groupsOf } from '../../lib/groupsOf.js'
import type { ResourceRegistry } from '../../usecases/ports/resources.js'
import type { Platform } from './platform.js'
import { jsonOf } from './upstreamResponse.js'

/** Altinn's own test owner has no organisation number in the registry (spec 2.5). */
const TEST_OWNER = { orgcode: 'ttd', organization: '991825827' as OrganizationNumber }

const registered = z.object({
  hasCompetentAuthority: z.object({ organization: z.string().nullish(), orgcode: z.string().nullish() }).nullish(),
  accessListMode: z.string().nullish(),
})
const memberships = z.object({ data: z.array(z.object({ party: z.string() })) })

const PARTIES_IN_A_REQUEST = 50
const CONCURRENT_REQUESTS = 8

/** Altinn Resource Registry over HTTP. Concurrent questions about a resource are one question. */
export function altinnResourceRegistry(platform: Platform): ResourceRegistry {
  const underWay = new Map<string, ReturnType<ResourceRegistry['find']>>()
  return {
    find(resourceId) {
      const asked = underWay.get(resourceId) ?? find(platform, resourceId).finally(() => underWay.delete(resourceId))
      underWay.set(resourceId, asked)
      return asked
    },

    async areOnAccessList(resourceId, parties) {
      for (const group of groupsOf(parties, PARTIES_IN_A_REQUEST)) {
        const members = await membersAmong(platform, resourceId, group)
        const areMembers =
          members === 'refused'
            ? await areEachOnAccessList(platform, resourceId, group)
            : members === new Set(group).size
        if (!areMembers) return false
      }
      return true
    },
  }
}

async function find(platform: Platform, resourceId: string): ReturnType<ResourceRegistry['find']> {
  const response = await platform(`resourceregistry/api/v1/resource/${encodeURIComponent(resourceId)}`)
  if (response.status === 404 || response.status === 204) {
    await response.body?.cancel()
    return undefined
  }
  const { hasCompetentAuthority, accessListMode } = registered.parse(await jsonOf(response))
  const isTestOwner = hasCompetentAuthority?.orgcode?.toLowerCase() === TEST_OWNER.orgcode
  const owner = isTestOwner
    ? TEST_OWNER.organization
    : parseOrganizationNumber(hasCompetentAuthority?.organization ?? '')
  return owner && { owner, hasAccessList: accessListMode?.toLowerCase() === 'enabled' }
}

/** In small groups, until one party is not on the list. */
async function areEachOnAccessList(platform: Platform, resourceId: string, parties: OrganizationNumber[]) {
  for (const some of groupsOf(parties, CONCURRENT_REQUESTS)) {
    const members = await Promise.all(some.map((party) => membersAmong(platform, resourceId, [party])))
    if (members.some((count) => count !== 1)) return false
  }
  return true
}

/**
 * How many of the parties are on the list. Refused: one of them is not in Altinn Register, or this registry takes one
 * party in a request, as Altinn's does today.
 */
async function membersAmong(
  platform: Platform,
  resourceId: string,
  parties: OrganizationNumber[],
): Promise<number | 'refused'> {
  const query = new URLSearchParams([
    ['resource', `urn:altinn:resource:${resourceId}`],
    ...parties.map((party): [string, string] => ['party', `urn:altinn:organization:identifier-no:${party}`]),
  ])
  const response = await platform(`resourceregistry/api/v1/access-lists/memberships?${query}`)
  if (response.status === 400) {
    await response.body?.cancel()
    return 'refused'
  }
  const { data } = memberships.parse(await jsonOf(response))
  // Several lists may name the same party. The answer names no other parties.
  return new Set(data.map(({ party }) => party)).size
}
