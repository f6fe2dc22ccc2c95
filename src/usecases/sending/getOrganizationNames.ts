import type { OrganizationNumber } from '../../domain/organizationNumber.js'
import type { Names } from '../ports/events.js'

/** The name of each organisation; undefined for those that Altinn Register does not know. */
export const getOrganizationNames =
  ({ names }: { names: Names }) =>
  (organizations: OrganizationNumber[]) =>
    Promise.all(organizations.map(async (organization) => ({ organization, name: await names.nameOf(organization) })))
