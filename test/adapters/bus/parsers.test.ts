import { describe, expect, test } from 'vitest'
import { deferredWork } from '../../../src/adapters/bus/deferredWork.js'
import { scanResults } from '../../../src/adapters/bus/scanEvent.js'
import { fileTransferId } from '../../support/builders.js'

/** A scan result as Event Grid hands it on. */
const event = (data: object = {}, eventType = 'Microsoft.Security.MalwareScanningResult') => ({
  id: 'e1',
  topic: '/subscriptions/s',
  subject: 'storageAccounts/scanned/containers/c/blobs/b',
  eventType,
  eventTime: '2026-01-01T00:00:00Z',
  dataVersion: '1.0',
  metadataVersion: '1',
  data: {
    correlationId: 'c1',
    blobUri: 'https://scanned.blob.example/c/b',
    eTag: '0x8DB1',
    scanFinishedTimeUtc: '2026-01-01T00:00:00Z',
    scanResultType: 'No threats found',
    scanResultDetails: null,
    ...data,
  },
})

describe('a scan result', () => {
  test.each([
    ['No threats found', 'Clean'],
    ['no THREATS found', 'Clean'],
    ['Malicious', 'Malicious'],
    ['Error', 'ScanFailed'],
    ['Not Scanned', 'ScanFailed'],
    ['something new', 'ScanFailed'],
  ])('of type %s is the verdict %s', (scanResultType, result) => {
    expect(scanResults(event({ scanResultType }))).toMatchObject([
      { blobUrl: 'https://scanned.blob.example/c/b', verdict: { result, etag: '0x8DB1' } },
    ])
  })

  test('comes alone or with others; events of other types are passed over', () => {
    const other = event({}, 'Microsoft.Storage.BlobCreated')

    expect(scanResults([event(), other, event()])).toHaveLength(2)
    expect(scanResults(other)).toEqual([])
  })

  test('names its blob’s ETag with or without quotes', () => {
    expect(scanResults(event({ eTag: '"0x8DB1"' }))[0]?.verdict.etag).toBe('0x8DB1')
  })

  test('describes the malware and the time, and is logged in the scanner’s words up to a length', () => {
    const [result] = scanResults(event({ scanResultDetails: { malwareNamesFound: ['EICAR', 'x'.repeat(10_000)] } }))

    expect(result?.verdict.detail).toBe(`malware EICAR, ${'x'.repeat(100)}, scanned 2026-01-01T00:00:00.000Z`)
    expect(result?.raw).toHaveLength(8192)
    expect(result?.raw).toContain('"blobUri":"https://scanned.blob.example/c/b"')
  })

  test.each([['text'], [null], [{}], [{ eventType: 'Microsoft.Security.MalwareScanningResult' }]])(
    'that cannot be read is an error, so that it is not lost: %j',
    (message) => {
      expect(() => scanResults(message)).toThrow()
    },
  )
})

test('work on the queue of deadlines is a deadline or search rows, with its times as times', () => {
  const times = { at: '2026-01-01T00:00:00.000Z', since: '2025-12-01T00:00:00.000Z' }
  const row = { fileTransferId, kind: 'expire', sequence: 1, tries: 0, ...times }

  expect(deferredWork.parse({ work: 'meetDeadline', row })).toMatchObject({ row: { at: new Date(times.at) } })
  expect(deferredWork.parse({ work: 'projectSearch', fileTransferId, sequence: 2 })).toMatchObject({ sequence: 2 })
  expect(() => deferredWork.parse({ work: 'dance' })).toThrow()
})
