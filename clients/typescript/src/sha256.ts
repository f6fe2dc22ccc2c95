import { createSHA256 } from 'hash-wasm'

type Sha256 = { update(bytes: Uint8Array): unknown; digest(encoding: 'hex'): string }
type Node = { process?: { getBuiltinModule?(id: 'node:crypto'): { createHash(algorithm: 'sha256'): Sha256 } } }

/** A SHA-256 of bytes that arrive one after another: by Node where it runs, which is five times as fast. */
export const startSha256 = async (): Promise<Sha256> =>
  (globalThis as Node).process?.getBuiltinModule?.('node:crypto').createHash('sha256') ?? createSHA256()

/** The SHA-256 in a `Repr-Digest` header (RFC 9530), in hex; undefined when there is none. */
export function sha256In(header: string | null): string | undefined {
  const [, base64] = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header ?? '') ?? []
  if (base64 === undefined) return undefined
  return [...atob(base64)].map((each) => each.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
