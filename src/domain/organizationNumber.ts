declare const brand: unique symbol

/** Nine digits: a Norwegian organisation number without any prefix. */
export type OrganizationNumber = string & { [brand]: 'OrganizationNumber' }

const PREFIXED = /^(?:\d{4}:|urn:altinn:organization:identifier-no:)?(\d{9})$/

/** The number from any form in Altinn: bare, with `0192:` (any four digits), or a URN. Undefined for anything else. */
export const parseOrganizationNumber = (text: string): OrganizationNumber | undefined =>
  PREFIXED.exec(text)?.[1] as OrganizationNumber | undefined

/** Whether this is a number as Broker stores it: bare. */
export const isOrganizationNumber = (text: string): text is OrganizationNumber => parseOrganizationNumber(text) === text

/** The form in Broker's answers: ISO 6523 with the prefix for Norway, `0192:991825827`. */
export const withPrefix = (organization: OrganizationNumber): string => `0192:${organization}`
