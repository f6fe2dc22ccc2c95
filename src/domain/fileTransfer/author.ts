import type { OrganizationNumber } from '../organizationNumber.js'
import { plainText } from '../plainText.js'

/** Who caused something, as far as the token tells: an organisation, and the client that the token was issued to. */
export type Author = { organization?: OrganizationNumber; clientId?: string }

const MAX_CLIENT_ID = 100

/** The author, without what is not known. */
export const author = ({ organization, clientId }: { [Part in keyof Author]?: Author[Part] | undefined }): Author => ({
  ...(organization && { organization }),
  ...(clientId && { clientId }),
})

/** Who holds a token with these claims. */
export const authorOf = (caller: {
  organization: OrganizationNumber | undefined
  claims: Record<string, unknown>
}): Author => {
  const { organization, claims } = caller
  const clientId = typeof claims.client_id === 'string' ? plainText(claims.client_id, MAX_CLIENT_ID) : undefined
  return author({ organization, clientId })
}

/** The author as members of a log line. */
export const authorFields = ({ organization, clientId }: Author = {}): Record<string, string> => ({
  ...(organization && { by: organization }),
  ...(clientId && { clientId }),
})
