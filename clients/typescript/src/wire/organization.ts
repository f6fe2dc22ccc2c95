/** `0192:` before nine digits alone. */
export const partyOf = (organization: string): string =>
  /^\d{9}$/.test(organization) ? `0192:${organization}` : organization

/** The nine digits of `0192:991825827`. */
export const organizationNumber = (party: string): string => party.split(':').at(-1) ?? party
