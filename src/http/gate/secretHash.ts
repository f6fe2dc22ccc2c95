import { createHash, timingSafeEqual } from 'node:crypto'

/** Whether this is the secret with this SHA-256, in hex. Digests have one length and say nothing of it, so that they can be compared in constant time. */
export const isSecret = (secret: string, hash: string): boolean =>
  timingSafeEqual(createHash('sha256').update(secret).digest(), Buffer.from(hash, 'hex'))
