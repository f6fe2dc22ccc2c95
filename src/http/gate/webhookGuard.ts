import type { Answered } from './gate.js'
import { bearerIn } from './headers.js'
import type { GateRefusal } from './refusals.js'
import { isSecret } from './secretHash.js'

/**
 * Checks a request before its body is read: why it is refused, or how it is answered instead, or headers for its
 * answer.
 */
export type Admit = (request: {
  url: string
  headers: Pick<Headers, 'get'>
}) => Promise<{ refusal: GateRefusal } | { answer: Answered } | { headers: Record<string, string> } | undefined>

const REFUSED: GateRefusal = {
  status: 401,
  detail: 'This webhook takes calls only from whoever knows its secret, or holds a token for it.',
  headers: { 'www-authenticate': 'Bearer' },
  security: { reason: 'webhook' },
}

type Verify = (token: string) => Promise<object | { refused: string }>

/**
 * Who may call a webhook: a caller with the secret (`code` in the query, or the header `X-Webhook-Secret`), or with a
 * token that `verify` accepts. One of the two is enough; where neither is configured, it is open. `secretHash` is
 * the SHA-256 of the secret, in hex.
 */
export const webhookGuard =
  ({ secretHash, verify }: { secretHash: string | undefined; verify: Verify | undefined }): Admit =>
  async ({ url, headers }) => {
    if (secretHash === undefined && verify === undefined) return undefined
    const secrets = [new URL(url).searchParams.get('code'), headers.get('x-webhook-secret')]
    if (secretHash !== undefined && secrets.some((secret) => secret !== null && isSecret(secret, secretHash))) return
    const token = bearerIn(headers.get('authorization'))
    if (verify && token !== undefined && !('refused' in (await verify(token)))) return
    return { refusal: REFUSED }
  }
