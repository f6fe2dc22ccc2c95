import type { OrganizationNumber } from './organizationNumber.js'
import { plainText } from './plainText.js'

/** Who caused a fact: the organisation and the client of the token, where it names them. */
export type Author = { organization?: OrganizationNumber; clientId?: string }

const MAX_CLIENT_ID = 100

/** The author without undefined properties. */
export const author = ({ organization, clientId }: { [Part in keyof Author]?: Author[Part] | undefined }): Author => ({
  ...(organization && { organization }),
  ...(clientId && { clientId }),
})

/** The author of a caller's facts. */
export const authorOf = (caller: {
  organization: OrganizationNumber | undefined
  claims: Record<string, unknown>
}): Author => {
  const { organization, claims } = caller
  const clientId = typeof claims.client_id === 'string' ? plainText(claims.client_id, MAX_CLIENT_ID) : undefined
  return author({ organization, clientId })
}

/** The author as properties of a log line. */
export const authorFields = ({ organization, clientId }: Author = {}): Record<string, string> => ({
  ...(organization && { by: organization }),
  ...(clientId && { clientId }),
})
