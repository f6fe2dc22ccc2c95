import { createHash, timingSafeEqual } from 'node:crypto'

/**
 * Whether the secret has one of these SHA-256 hashes, in hex. Digests have one length, so that they can be compared in
 * constant time; all of them are, so that the time does not depend on which one fits.
 */
export function isSecret(secret: string, ...hashes: readonly string[]): boolean {
  const digest = createHash('sha256').update(secret).digest()
  return hashes.filter((hash) => timingSafeEqual(digest, Buffer.from(hash, 'hex'))).length > 0
}
