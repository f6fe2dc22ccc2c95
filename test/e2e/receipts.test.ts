import { execFile } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { expectOk, KARI, OLA, OWNER, refusalOf, STRANGER, sharedJourney } from '../support/journey.js'

const journey = await sharedJourney()
const KEYS = `${journey.stack.urls.app}/broker/api/v1/receipts/keys`

type Answer = { receipt: string; statement: Record<string, unknown> }

const receiptOf = (id: string, org = OWNER, scope = 'altinn:broker.write') =>
  journey.as(org, scope, `filetransfer/${id}/receipt`)
const answerFor = async (...asked: Parameters<typeof receiptOf>) =>
  (await (await expectOk(receiptOf(...asked))).json()) as Answer

/** DER of a signature of two numbers (RFC 3279 §2.2.3), which OpenSSL reads. */
function derOf(signature: Buffer): Buffer {
  const numbers = [signature.subarray(0, 32), signature.subarray(32)].map((bytes) => {
    const short = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
    const positive = (short[0] ?? 0) > 127 ? Buffer.concat([Buffer.from([0]), short]) : short
    return Buffer.concat([Buffer.from([2, positive.length]), positive])
  })
  const body = Buffer.concat(numbers)
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

/** What OpenSSL says of a receipt. */
async function opensslOf(receipt: string, jwk: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'receipt-'))
  const [header, payload, signature = ''] = receipt.split('.')
  const pathOf = (name: string) => join(folder, name)
  await writeFile(
    pathOf('key.pem'),
    createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  )
  await writeFile(pathOf('signature'), derOf(Buffer.from(signature, 'base64url')))
  await writeFile(pathOf('input'), `${header}.${payload}`)
  const args = ['dgst', '-sha256', '-verify', pathOf('key.pem'), '-signature', pathOf('signature'), pathOf('input')]
  const said = promisify(execFile)('openssl', args).catch((error: { stdout: string }) => error)
  return said.then(({ stdout }) => stdout.trim()).finally(() => rm(folder, { recursive: true }))
}

describe('a receipt', () => {
  test('is verified by the key set alone, by jose and by OpenSSL, for sender and recipients', async () => {
    const id = await journey.sent('the file')
    await (await expectOk(journey.download(KARI, id))).arrayBuffer()
    await expectOk(journey.confirm(KARI, id))

    const [ofSender, ofKari, ofOla] = [
      await answerFor(id),
      await answerFor(id, KARI, 'altinn:broker.read'),
      await answerFor(id, OLA, 'altinn:broker.read'),
    ]

    const options = { algorithms: ['ES256'], typ: 'altinn-broker-receipt+jwt' }
    const { payload, protectedHeader } = await jwtVerify(ofSender.receipt, createRemoteJWKSet(new URL(KEYS)), options)
    expect(payload).toEqual(ofSender.statement)
    expect(payload).toMatchObject({
      sub: id,
      sender: `0192:${OWNER}`,
      file: { sizeBytes: 8, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      recipients: expect.arrayContaining([
        { organization: `0192:${KARI}`, downloadStarted: expect.any(String), confirmed: expect.any(String) },
        { organization: `0192:${OLA}`, downloadStarted: null, confirmed: null },
      ]),
    })
    const withoutTime = ({ statement: { iat, ...rest } }: Answer) => rest
    expect([withoutTime(ofKari), withoutTime(ofOla)]).toEqual([withoutTime(ofSender), withoutTime(ofSender)])

    const { keys } = (await (await fetch(KEYS)).json()) as { keys: Record<string, unknown>[] }
    const key = keys.find(({ kid }) => kid === protectedHeader.kid) ?? {}
    expect(await opensslOf(ofSender.receipt, key)).toBe('Verified OK')
    const [header, , signature] = ofSender.receipt.split('.')
    const other = Buffer.from(JSON.stringify({ ...payload, sender: '0192:000000000' })).toString('base64url')
    expect(await opensslOf([header, other, signature].join('.'), key)).toBe('Verification failure')
  })

  test('is refused to strangers, and before there is a file', async () => {
    const [id, early] = [await journey.sent('the file'), await journey.initialize()]

    expect(await refusalOf(receiptOf(id, STRANGER))).toBe('401 BRO-00006')
    expect(await refusalOf(receiptOf(early))).toBe('409 BRO-08061')
  })

  test('has keys that caches may keep, and that need no token', async () => {
    const answer = await fetch(KEYS)

    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'public, max-age=3600'])
    expect(answer.headers.get('content-type')).toContain('application/json')
  })
})
