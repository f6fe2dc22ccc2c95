import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TusUpload } from '../../../src/domain/tus/upload.js'
import { WHOLE } from '../../../src/domain/tus/upload.js'
import {
  addressOf,
  byteCount,
  checksumIn,
  concatIn,
  descriptionOf,
  expiryOf,
  metadataIn,
  partIdIn,
} from '../../../src/http/tus/tusHeaders.js'
import { at } from '../../support/samples.js'

const ID = '6f1b1f1e-0000-4000-8000-0123456789ab'
const wrong = { wrong: expect.stringMatching(/^Upload-.*\.$/) }
const hex = fc.stringMatching(/^[0-9a-f]{32}$/)
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom(null, '', ' ', ';', ',', 'final;'))

describe('a number of bytes', () => {
  test('is what its digits say', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (count) => {
        expect(byteCount('Upload-Length', `${count}`)).toEqual({ value: count })
      }),
    )
  })

  test.each([null, '', ' ', '-1', '+1', '1.0', '1e3', '0x10', ' 1', '1 ', '١', '9007199254740993', 'NaN', '1,2'])(
    'is not %j',
    (text) => {
      expect(byteCount('Upload-Length', text)).toEqual(wrong)
    },
  )
})

describe('Upload-Metadata', () => {
  test('is no longer than a row and a header have room for', () => {
    const pair = (length: number) => `name ${'YWJj'.repeat((length - 5) / 4)}`

    expect(metadataIn(pair(8189))).toEqual({ value: pair(8189) })
    expect(metadataIn(pair(8193))).toEqual(wrong)
  })

  test('is kept as it was given', () => {
    const key = fc.stringMatching(/^[!-+\--~]{1,12}$/)
    const pairs = fc.uniqueArray(fc.tuple(key, fc.option(fc.uint8Array(), { nil: undefined })), {
      selector: ([name]) => name,
      minLength: 1,
    })
    const text = pairs.map((all) =>
      all.map(([name, value]) => (value ? `${name} ${Buffer.from(value).toString('base64')}` : name)).join(','),
    )

    fc.assert(
      fc.property(text, (given) => {
        expect(metadataIn(given)).toEqual({ value: given })
      }),
    )
  })

  test.each([null, '', ' '])('is none when it is %j', (text) => {
    expect(metadataIn(text)).toEqual({ value: undefined })
  })

  test.each(['a b', 'a YQ', 'a YQ==,', ',a', 'a YQ==,a', 'a YQ== YQ==', 'a Y_-=', ' ,'])('is not %j', (text) => {
    expect(metadataIn(text)).toEqual(wrong)
  })
})

describe('Upload-Checksum', () => {
  test.each([
    ['md5 1B2M2Y8AsgTpgAmY7PhCfg==', 'md5'],
    ['SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'sha1'],
    [' sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= ', 'sha256'],
  ])('%j is by %s', (text, algorithm) => {
    expect(checksumIn(text)).toEqual({ value: { algorithm, digest: text.trim().split(' ')[1] } })
  })

  test.each(['', 'md5', 'md5 ', 'crc32 AAAA', 'md5 %', 'md5 AAAA AAAA', '1B2M2Y8AsgTpgAmY7PhCfg==', 'sha512 AAAA'])(
    'is not %j',
    (text) => {
      expect(checksumIn(text)).toEqual(wrong)
    },
  )

  test('is none when it is missing', () => {
    expect(checksumIn(null)).toEqual({ value: undefined })
  })
})

describe('Upload-Concat', () => {
  test('names parts by the addresses that they were given, in any of their forms, in order', () => {
    const forms = fc.constantFrom<(id: string) => string>(
      (id) => addressOf(ID, id, true),
      (id) => `https://broker.example${addressOf(ID, id, true)}`,
      (id) => `http://other.example:8080${addressOf(ID, id, true)}?x=1#y`,
      (id) => addressOf(ID, id, true).replace('/partial', ''),
      (id) => addressOf(ID.toUpperCase(), id.toUpperCase(), true),
    )
    const parts = fc.array(fc.tuple(hex, forms), { minLength: 1, maxLength: 20 })

    fc.assert(
      fc.property(parts, fc.constantFrom(' ', '  '), (named, gap) => {
        const text = `final;${named.map(([id, write]) => write(id)).join(gap)}`
        expect(concatIn(text, ID)).toEqual({ value: { order: named.map(([id]) => id) } })
      }),
    )
  })

  test.each([
    [null, { kind: 'whole' }],
    ['partial', { kind: 'part' }],
  ])('%j is as it says', (text, value) => {
    expect(concatIn(text, ID)).toEqual({ value })
  })

  const part = addressOf(ID, 'a'.repeat(32), true)
  test.each([
    '',
    'final',
    'final;',
    'final; ',
    'Partial',
    'partial;',
    `finally;${part}`,
    `final,${part}`,
    `final;${part},x`,
    `final;${part}/`,
    `final;${part}0`,
    `final;${addressOf(ID, '', false)}`,
    'final;//',
    'final;http://',
    `final;${part.replace(ID, '6f1b1f1e-0000-4000-8000-0123456789ac')}`,
    `final;${part} ${part.replace('/upload/tus/', '/upload/')}`,
    `final;${part.replace('/partial/', '/partial/../')}/../../x`,
  ])('is not %j', (text) => {
    expect(concatIn(text, ID)).toEqual(wrong)
  })
})

test('no header, however strange, is more than wrong', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      for (const read of [metadataIn, checksumIn, (each: string | null) => concatIn(each, ID)]) {
        expect(Object.keys(read(text))).toHaveLength(1)
      }
      expect(partIdIn(text ?? undefined)).toBeUndefined()
    }),
  )
})

describe('the headers of an upload', () => {
  const upload: TusUpload = {
    id: WHOLE,
    attemptId: 'a',
    lengthBytes: 10,
    metadata: 'name YQ==',
    lastByteAt: at,
    blockBytes: 8,
    offset: 4,
    uploader: { organization: undefined, subject: undefined },
    blocks: [],
    lease: 1,
  }

  test('is where it stands and when it is given up', () => {
    expect(descriptionOf(ID, upload, 60)).toEqual({
      'upload-offset': '4',
      'upload-length': '10',
      'upload-metadata': 'name YQ==',
      'upload-expires': 'Sun, 01 Mar 2026 12:01:00 GMT',
    })
  })

  test('of a complete one is no expiry', () => {
    expect(expiryOf({ ...upload, offset: 10 }, 60)).toEqual({})
  })

  test('of a part is that it is one, and of a joined one are the addresses of its parts', () => {
    const part = 'b'.repeat(32)

    expect(descriptionOf(ID, { ...upload, id: part }, 60)).toMatchObject({ 'upload-concat': 'partial' })
    expect(descriptionOf(ID, { ...upload, parts: [part, part] }, 60)).toMatchObject({
      'upload-concat': `final;${addressOf(ID, part, true)} ${addressOf(ID, part, true)}`,
    })
  })
})
