/** The value of `Repr-Digest` (RFC 9530 §3) for a SHA-256 in hex. */
export const reprDigest = (sha256: string): string => `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`
