import type { ReceiptKeys, ReceiptStatement } from '../wire/types.js'

/** Why a receipt proves nothing. */
export class ReceiptRefused extends Error {
  override readonly name = 'ReceiptRefused'
}

/** A receipt of a thousand recipients has 200 KB. */
export const MAX_RECEIPT_CHARACTERS = 2 ** 20
/** The type of Broker's receipts: its keys sign nothing else. */
const TYPE = 'altinn-broker-receipt+jwt'
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * What a receipt states, when one of these keys has signed it. The text is a compact JWS, or Broker's answer in JSON.
 * Nothing is fetched: take the keys from a place that you trust, such as Broker itself.
 * @throws ReceiptRefused
 */
export async function verifyReceipt(text: string, { keys }: ReceiptKeys): Promise<ReceiptStatement> {
  if (text.length > MAX_RECEIPT_CHARACTERS) throw new ReceiptRefused('It is too large to be a receipt')
  const receipt = compactIn(text.trim())
  const [header = '', payload = '', signature = ''] = receipt.split('.')
  const { alg, typ, kid, crit } = objectIn(header, 'header')
  if (alg !== 'ES256') throw new ReceiptRefused(`It is signed by ${shown(alg)}, not by ES256`)
  if (typ !== TYPE) throw new ReceiptRefused(`It is of the type ${shown(typ)}, and no receipt of Altinn Broker`)
  if (crit !== undefined) throw new ReceiptRefused('Its header has extensions (crit) that are not known')
  const key = keys.find((each) => each.kid === kid)
  if (!key) throw new ReceiptRefused(`It is signed by the key ${shown(kid)}, which is not among these keys`)
  const isRight = await isSigned(key, signature, `${header}.${payload}`)
  if (!isRight) throw new ReceiptRefused('The signature does not fit: it is not as Broker signed it')
  return statementIn(objectIn(payload, 'payload'))
}

/** The keys of a JWK Set that can sign receipts. @throws ReceiptRefused */
export function receiptKeysIn(text: string): ReceiptKeys {
  const { keys } = parsed(text, 'The keys are no JWK Set')
  if (!Array.isArray(keys)) throw new ReceiptRefused('The keys are no JWK Set')
  return { keys: keys.filter((key) => key?.kty === 'EC' && key.crv === 'P-256' && typeof key.kid === 'string') }
}

function compactIn(text: string): string {
  const receipt = text.startsWith('{') ? parsed(text, 'It is no receipt').receipt : text
  if (typeof receipt !== 'string' || !COMPACT.test(receipt)) throw new ReceiptRefused('It is no receipt')
  return receipt
}

async function isSigned({ kty, crv, x, y }: ReceiptKeys['keys'][number], signature: string, input: string) {
  try {
    const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, ECDSA, false, ['verify'])
    return await crypto.subtle.verify(ECDSA, key, bytesIn(signature), new TextEncoder().encode(input))
  } catch {
    return false
  }
}

function statementIn(payload: Record<string, unknown>): ReceiptStatement {
  const { sub, file, recipients, statuses } = payload as Partial<ReceiptStatement>
  const isWhole = sub && file && Array.isArray(recipients) && Array.isArray(statuses)
  if (!isWhole) throw new ReceiptRefused('It states something else than a receipt does')
  return payload as ReceiptStatement
}

function objectIn(part: string, name: string): Record<string, unknown> {
  const wrong = `Its ${name} cannot be read`
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytesIn(part))
  } catch {
    throw new ReceiptRefused(wrong)
  }
  return parsed(text, wrong)
}

function parsed(text: string, wrong: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ReceiptRefused(wrong)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ReceiptRefused(wrong)
  return value as Record<string, unknown>
}

const bytesIn = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0))

const shown = (value: unknown) => (value === undefined ? 'nothing' : String(value).slice(0, 100))
