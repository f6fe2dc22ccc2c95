import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEncryptionKey } from '../../../src/http/input/encryptionKey.js'
import { AGE_KEY } from '../../support/ageKeys.js'

describe('a key to encrypt files with', () => {
  test('is a public key that age has made', async () => {
    const key = await identityToRecipient(await generateX25519Identity())

    expect(parseEncryptionKey(key)).toBe(key)
  })

  test('is none with a wrong character', () => {
    const wrong = fc.tuple(fc.nat(AGE_KEY.length - 1), fc.string({ minLength: 1, maxLength: 1 }))

    fc.assert(
      fc.property(wrong, ([at, character]) => {
        const text = AGE_KEY.slice(0, at) + character + AGE_KEY.slice(at + 1)
        expect(parseEncryptionKey(text)).toBe(text === AGE_KEY ? text : undefined)
      }),
    )
  })

  test.each(['', 'age1', AGE_KEY.slice(1), `${AGE_KEY} `, AGE_KEY.toUpperCase(), 'x'.repeat(62)])(
    'is none: %s',
    (text) => {
      expect(parseEncryptionKey(text)).toBeUndefined()
    },
  )

  test('is neither a private one, nor of another kind', async () => {
    expect(parseEncryptionKey(await generateX25519Identity())).toBeUndefined()
    expect(parseEncryptionKey(await identityToRecipient(await generateHybridIdentity()))).toBeUndefined()
  })
})
