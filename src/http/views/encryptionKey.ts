import type { z } from 'zod'
import type { PublishedKey } from '../../domain/encryptionKey.js'
import { type OrganizationNumber, withPrefix } from '../../domain/organizationNumber.js'
import type { encryptionKey } from '../contract/responses/encryptionResponses.js'
import { timestamp } from './views.js'

/** The key of an organisation, if it has one. */
export const encryptionKeyView = ({
  organization,
  key,
}: {
  organization: OrganizationNumber
  key: PublishedKey | undefined
}): z.infer<typeof encryptionKey> => ({
  organization: withPrefix(organization),
  publicKey: key?.publicKey ?? null,
  published: key ? timestamp(key.publishedAt) : null,
})
