import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Names } from '../ports/events.js'

/** The name of each organisation; undefined for those that Altinn Register does not know. */
export const getOrganizationNames =
  ({ names }: { names: Names }) =>
  async (organizations: OrganizationNumber[]) => {
    const found = await names.namesOf(organizations)
    return organizations.map((organization, index) => ({ organization, name: found[index] }))
  }
