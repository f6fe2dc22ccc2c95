import { z } from 'zod'
import { type OrganizationNumber, parseOrganizationNumber } from '../../domain/organizationNumber.js'
import type { ResourceRegistry } from '../../usecases/ports.js'
import { jsonOf } from './goodAnswer.js'
import type { Platform } from './platform.js'

/** Altinn's own test owner has no organisation number in the registry (spec 2.5). */
const TEST_OWNER = { orgcode: 'ttd', organization: '991825827' as OrganizationNumber }

const registered = z.object({
  hasCompetentAuthority: z.object({ organization: z.string().nullish(), orgcode: z.string().nullish() }).nullish(),
  accessListMode: z.string().nullish(),
})
const memberships = z.object({ data: z.array(z.object({ party: z.string() })) })
const party = z.object({ orgNumber: z.string().nullish() })

/** Altinn Resource Registry over HTTP, with Altinn Register for who the members of an access list are. */
export const altinnResourceRegistry = (platform: Platform): ResourceRegistry => ({
  async find(resourceId) {
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
  },

  async isOnAccessList(resourceId, organization) {
    const query = new URLSearchParams({
      resource: `urn:altinn:resource:${resourceId}`,
      party: `urn:altinn:organization:identifier-no:${organization}`,
    })
    const { data } = memberships.parse(
      await jsonOf(await platform(`resourceregistry/api/v1/access-lists/memberships?${query}`)),
    )
    const numbers = data.map(async (member) => {
      const uuid = member.party.split(':').at(-1) ?? ''
      return party.parse(await jsonOf(await platform(`register/api/v1/parties/byuuid/${uuid}`))).orgNumber
    })
    return (await Promise.all(numbers)).includes(organization)
  },
})
