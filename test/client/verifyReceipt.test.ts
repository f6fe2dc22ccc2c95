import {
  type CompactJWSHeaderParameters,
  CompactSign,
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { ReceiptRefused, receiptKeysIn, verifyReceipt } from '../../clients/typescript/src/index.js'
import type { ReceiptKeys, ReceiptStatement } from '../../clients/typescript/src/wire/types.js'

const typ = 'altinn-broker-receipt+jwt'
const at = '2026-03-02T10:00:00.000Z'
const statement: ReceiptStatement = {
  iss: 'https://platform.example/broker/api/v1',
  sub: '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f',
  iat: 1_772_445_600,
  resourceId: 'r',
  serviceOwner: '0192:991825827',
  sender: '0192:991825827',
  file: { name: 'søknad.pdf', sizeBytes: 5, md5: null, sha256: null },
  created: at,
  published: at,
  recipients: [],
  statuses: [{ status: 'Published', at }],
}

async function newKey() {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y } = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(pair.publicKey)
  return { ...pair, kid, jwk: { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' } as ReceiptKeys['keys'][number] }
}

const [own, other] = [await newKey(), await newKey()]
const keys = { keys: [other.jwk, own.jwk] }
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A JWS that jose signs, with this header beside what a receipt has. */
const signed = (more: Partial<CompactJWSHeaderParameters> = {}, payload: unknown = statement, key = own) =>
  new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'ES256', typ, kid: own.kid, ...more })
    .sign(key.privateKey, { crit: { hurry: true } })

const [header = '', payload = '', signature = ''] = (await signed()).split('.')
const refused = (receipt: string, of: ReceiptKeys = keys) =>
  verifyReceipt(receipt, of).then(
    () => 'verified',
    (error: unknown) => (error instanceof ReceiptRefused ? error.message : error),
  )

describe('verifying a receipt', () => {
  test.each<[string, (receipt: string) => string]>([
    ['a compact JWS', (receipt) => receipt],
    ['with an end of line', (receipt) => `${receipt}\r\n`],
    ['the JSON of Broker', (receipt) => JSON.stringify({ receipt, statement: { sender: 'a lie' } })],
  ])('gives what was signed: %s', async (_, textOf) => {
    expect(await verifyReceipt(textOf(await signed()), keys)).toEqual(statement)
  })

  test('refuses a statement, a header or a signature that was changed', async () => {
    const lie = encoded({ ...statement, sender: '0192:000000000' })
    const otherHeader = encoded({ alg: 'ES256', typ, kid: own.kid, extra: 1 })

    for (const changed of [
      [header, lie, signature],
      [otherHeader, payload, signature],
      [header, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
      [header, payload, signature.slice(0, -4)],
      [header, payload, 'AAAA'],
    ]) {
      expect(await refused(changed.join('.'))).toContain('signature does not fit')
    }
  })

  test('refuses what another key has signed, and a key that is not published', async () => {
    expect(await refused(await signed({}, statement, other))).toContain('signature does not fit')
    expect(await refused(await signed({ kid: 'nobody' }))).toContain('nobody, which is not among')
    expect(await refused([encoded({ alg: 'ES256', typ }), payload, signature].join('.'))).toContain('not among')
    expect(await refused(await signed(), { keys: [] })).toContain('not among')
    const impostor = { ...other.jwk, kid: own.kid }
    expect(await refused(await signed(), { keys: [impostor] })).toContain('signature does not fit')
  })

  test('refuses other algorithms, also one that takes the public key for a secret', async () => {
    const secret = Buffer.from(await exportSPKI(own.publicKey))
    const byHmac = await new CompactSign(Buffer.from(JSON.stringify(statement)))
      .setProtectedHeader({ alg: 'HS256', typ, kid: own.kid })
      .sign(secret)

    expect(await refused(byHmac)).toContain('HS256, not by ES256')
    for (const alg of ['none', 'None', 'ES384', 'es256', undefined, ['ES256']])
      expect(await refused([encoded({ alg, typ, kid: own.kid }), payload, signature].join('.'))).not.toBe('verified')
    expect(await refused(`${encoded({ alg: 'none', typ })}.${payload}.`)).toBe('It is no receipt')
  })

  test('refuses extensions that it does not know, and what is signed for something else', async () => {
    expect(await refused(await signed({ crit: ['hurry'], hurry: true }))).toContain('crit')
    expect(await refused(await signed({ typ: 'JWT' }))).toContain('type JWT')
    expect(await refused(await signed({}, { scope: 'altinn:broker.read' }))).toContain('something else')
    expect(await refused(await signed({}, [statement]))).toContain('payload cannot be read')
  })

  test.each([
    '',
    'a.b',
    'a.b.c.d',
    '{"receipt":7}',
    '{"receipt"',
    '[]',
    `${header}.${payload}.${signature}=`,
    '....',
    'A.A.A',
    `${Buffer.from([0xff, 0xfe]).toString('base64url')}.${payload}.${signature}`,
  ])('refuses what is no receipt: %s', async (text) => {
    expect(await refused(text)).toMatch(/It is no receipt|cannot be read/)
  })

  test('refuses huge input before it reads it', async () => {
    expect(await refused(`${header}.${'A'.repeat(50 * 2 ** 20)}.${signature}`)).toContain('too large')
  })
})

describe('a saved key set', () => {
  test('is read, without keys of other kinds', () => {
    const text = JSON.stringify({ keys: [own.jwk, { kty: 'RSA', kid: 'r', n: 'AQAB', e: 'AQAB' }, null] })

    expect(receiptKeysIn(text)).toEqual({ keys: [own.jwk] })
  })

  test.each(['', '7', '{}', '{"keys":7}', 'not JSON'])('is refused when it is none: %s', (text) => {
    expect(() => receiptKeysIn(text)).toThrow(ReceiptRefused)
  })
})
