import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { publicReason, scanDetails, withDetails } from '../../../src/domain/fileTransfer/scanDetails.js'

const BLOB = 'https://scanned.blob.core.windows.net/serviceowner-974760673/4a1f7a50/b2'
const SHA256 = '275A021BBFB6489E54D471899F7DB9D1663FC695EC2FE2A2C4538AABF651FD0F'
const secrets = [BLOB, '0x8DB1A2B3C4D5E6F', SHA256, '4e0c9a4e-6c50-4b5d-9a3f-0f7c3f2b1d11']

const data = (details: object | null, time: unknown = '2026-03-02T10:00:00.25Z') => ({
  correlationId: secrets[3],
  blobUri: BLOB,
  eTag: secrets[1],
  scanFinishedTimeUtc: time,
  scanResultType: 'Malicious',
  scanResultDetails: details && { sha256: SHA256, ...details },
})
const AT = 'scanned 2026-03-02T10:00:00.250Z'

describe('the details of a scan', () => {
  test.each([
    [
      'the malware and the time',
      data({ malwareNamesFound: ['DOS/EICAR_Test_File'] }),
      `malware DOS/EICAR_Test_File, ${AT}`,
    ],
    ['the number of an error', data({ notScannedReason: `SAM259203: ${BLOB} is too large` }), `error SAM259203, ${AT}`],
    ['no reason without a number', data({ notScannedReason: `${BLOB} is too large` }), AT],
    ['no more than five names', data({ malwareNamesFound: [...'abcdefg'] }), `malware a, b, c, d, e, 2 more, ${AT}`],
    ['no name that is an address', data({ malwareNamesFound: [...secrets, 'EICAR'] }), `malware EICAR, ${AT}`],
    [
      'no address in pieces',
      data({ malwareNamesFound: ['https:\u200b/\u0000/host', 'EICAR'] }),
      `malware EICAR, ${AT}`,
    ],
    [
      'names without line breaks',
      data({ malwareNamesFound: ['a\nb\u2028c\u202Ed\u001B[1m\uD800'] }),
      `malware abcd[1m, ${AT}`,
    ],
    ['no name that is none', data({ malwareNamesFound: [1, null, {}, ' '] }), AT],
    ['no list that is none', data({ malwareNamesFound: 'EICAR' }), AT],
    ['no time that is none', data({ malwareNamesFound: ['EICAR'] }, 'yesterday'), 'malware EICAR'],
    ['nothing where there is nothing', data(null, null), ''],
    ['nothing of what is no data', 'text', ''],
  ])('contain %s', (_, from, details) => {
    expect(scanDetails(from)).toBe(details)
  })

  test('are short, on one line and without locations, whatever the scanner sends', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...secrets), fc.string({ minLength: 300 }))
    const words = fc.array(
      fc.oneof(
        text,
        fc.tuple(text, text).map((some) => some.join('')),
        fc.anything(),
      ),
    )

    fc.assert(
      fc.property(words, text, fc.anything(), (malwareNamesFound, notScannedReason, time) => {
        const details = scanDetails(data({ malwareNamesFound, notScannedReason }, time))

        expect(details.length).toBeLessThan(650)
        expect(details).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
        for (const secret of secrets) expect(details).not.toContain(secret)
        expect(publicReason(withDetails('Malware scan failed: Malicious', details))).toContain(details)
      }),
    )
  })
})

describe('the reason of a failure', () => {
  test.each(['Checksum mismatch', `Malware scan failed: Malicious. Extra details: malware EICAR, ${AT}`])(
    'is public as it is without locations: %s',
    (reason) => {
      expect(publicReason(reason)).toBe(reason)
    },
  )

  test('is public without addresses wherever the stored JSON was cut off', () => {
    const brief = 'Malware scan failed: the file could not be scanned'
    const json = JSON.stringify(data({ malwareNamesFound: ['EICAR'] }))

    for (let length = 1; length < json.length; length++) {
      expect(publicReason(withDetails(brief, json.slice(0, length)))).toBe(brief)
    }
    expect(publicReason(withDetails(brief, json))).toBe(withDetails(brief, `malware EICAR, ${AT}`))
  })
})
