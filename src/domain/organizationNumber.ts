declare const brand: unique symbol

/** Nine digits: a Norwegian organisation number without any prefix. */
export type OrganizationNumber = string & { [brand]: 'OrganizationNumber' }

const PREFIXED = /^(?:\d{4}:|urn:altinn:organization:identifier-no:)?(\d{9})$/

/** The number in any of the forms that Altinn writes it in: bare, `0192:` (any four digits), URN. Undefined for anything else. */
export const parseOrganizationNumber = (text: string): OrganizationNumber | undefined =>
  PREFIXED.exec(text)?.[1] as OrganizationNumber | undefined

/** Whether this is a number as Broker keeps it: bare. */
export const isOrganizationNumber = (text: string): text is OrganizationNumber => parseOrganizationNumber(text) === text

/** The form that Broker shows: ISO 6523 with the prefix for Norway, `0192:991825827`. */
export const withPrefix = (organization: OrganizationNumber): string => `0192:${organization}`
