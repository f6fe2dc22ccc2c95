import {
  BlobSASPermissions,
  type BlobServiceClient,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob'
import type { BlobLocation, FileLinks } from '../../usecases/ports/blobs.js'
import { containerOf, nameOf } from './blobNames.js'

// From this version on, the right to create a blob includes creating it by blocks, and replaces no existing blob.
const VERSION = '2026-04-06'
/** Azure signs for 7 days at most. */
const KEY_MS = 2 * 24 * 3_600_000
/** The clock of the storage may be behind ours. */
const SKEW_MS = 15 * 60_000

/**
 * Shared access signatures for single blobs. They are signed with a user delegation key, or with the account key where
 * there is one (an emulator): that needs the right to write for uploads by blocks, and its link may replace the file.
 * `attachment` makes the content disposition of a file name.
 */
export function azureFileLinks(
  scanned: BlobServiceClient,
  unscanned: BlobServiceClient,
  attachment: (fileName: string) => string,
  now: () => Date,
): FileLinks {
  const keys = { scanned: delegationKeys(scanned, now), unscanned: delegationKeys(unscanned, now) }

  async function sign(location: BlobLocation, rights: Partial<BlobSASPermissions>, until: Date, more: object = {}) {
    const account = location.isScanned ? scanned : unscanned
    const blob = containerOf(account, location.serviceOwner).getBlobClient(nameOf(location))
    const signed = {
      permissions: BlobSASPermissions.from(rights),
      expiresOn: until,
      protocol: blob.url.startsWith('https:') ? SASProtocol.Https : SASProtocol.HttpsAndHttp,
      version: VERSION,
      ...more,
    }
    if (hasKey(account)) return blob.generateSasUrl(signed)
    const key = await (location.isScanned ? keys.scanned : keys.unscanned)(until)
    return blob.generateUserDelegationSasUrl(signed, key)
  }

  return {
    async toUpload(location, until) {
      const mayReplace = hasKey(location.isScanned ? scanned : unscanned)
      const url = await sign(location, { create: true, write: mayReplace }, until)
      const headers = {
        'x-ms-blob-type': 'BlockBlob',
        'x-ms-blob-content-type': 'application/octet-stream',
        'If-None-Match': '*',
      }
      return { url, headers, mayReplace }
    },

    toDownload: (location, { fileName, until }) =>
      sign(location, { read: true }, until, {
        contentDisposition: attachment(fileName),
        contentType: 'application/octet-stream',
        cacheControl: 'no-store',
      }),
  }
}

const hasKey = ({ credential }: BlobServiceClient) => credential instanceof StorageSharedKeyCredential

/**
 * The user delegation key for links that are valid until a time. A new one is requested when the last one ends before.
 */
function delegationKeys(account: BlobServiceClient, now: () => Date) {
  let last: { endsAt: number; key: Promise<UserDelegationKey> } | undefined
  return (until: Date): Promise<UserDelegationKey> => {
    if (last && last.endsAt >= until.getTime()) return last.key
    const endsAt = now().getTime() + KEY_MS
    const asked = {
      endsAt,
      key: account.getUserDelegationKey(new Date(now().getTime() - SKEW_MS), new Date(endsAt)),
    }
    last = asked
    asked.key.catch(() => {
      if (last === asked) last = undefined
    })
    return asked.key
  }
}
