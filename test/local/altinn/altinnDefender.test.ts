import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defender, type ScanResultEvent } from '../../../local/altinn/defender/defender.js'
import { until } from '../../support/until.js'

// In pieces, so that no scanner takes this file for the test virus.
const eicar = Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE', '!$H+H*'].join(''))

type Blob = { chunks: Buffer[]; failures?: number }

/** A defender over blobs in memory; `verdictOn` tells it of a blob and waits for what it says. */
function scanning(blobs: Record<string, Blob>, sendFailures = 0) {
  const sent: ScanResultEvent[] = []
  const lines: string[] = []
  let opened = 0
  const { blobCommitted, stop } = defender({
    open: async (container, name) => {
      opened += 1
      const blob = blobs[name]
      if (!blob) return undefined
      if (blob.failures && blob.failures-- > 0) throw new Error('not now')
      const url = `http://127.0.0.1/scanned/${container}/${name}`
      return { url, account: 'scanned', eTag: '0x8DB4C9327B08CBF', content: Readable.from(blob.chunks) }
    },
    send: async (event) => {
      if (sendFailures-- > 0) throw new Error('no bus')
      sent.push(event)
    },
    log: (line) => lines.push(line),
  })
  return {
    sent,
    lines,
    stop,
    blobCommitted,
    opened: () => opened,
    verdictOn: async (name: string) => {
      blobCommitted('files', name)
      return until(() => sent[0] ?? expect.fail('no verdict yet'), 1)
    },
  }
}

describe('Defender', () => {
  test('finds nothing in an ordinary file, and says so in the form of Event Grid', async () => {
    const verdict = await scanning({ 'transfer/attempt': { chunks: [Buffer.from('hello')] } }).verdictOn(
      'transfer/attempt',
    )

    expect(verdict).toEqual({
      id: verdict.data.correlationId,
      topic: expect.stringContaining('/providers/Microsoft.EventGrid/topics/'),
      subject: 'storageAccounts/scanned/containers/files/blobs/transfer/attempt',
      eventType: 'Microsoft.Security.MalwareScanningResult',
      eventTime: expect.any(String),
      dataVersion: '1.0',
      metadataVersion: '1',
      data: {
        correlationId: expect.any(String),
        blobUri: 'http://127.0.0.1/scanned/files/transfer/attempt',
        eTag: '0x8DB4C9327B08CBF',
        scanFinishedTimeUtc: expect.any(String),
        scanResultType: 'No threats found',
        scanResultDetails: null,
      },
    })
  })

  test('finds the test virus, and names it with the hash of the file', async () => {
    const content = Buffer.concat([Buffer.from('before '), eicar, Buffer.from(' after')])

    const { data } = await scanning({ virus: { chunks: [content] } }).verdictOn('virus')

    expect(data.scanResultType).toBe('Malicious')
    expect(data.scanResultDetails).toEqual({
      malwareNamesFound: ['DOS/EICAR_Test_File'],
      sha256: createHash('sha256').update(content).digest('hex').toUpperCase(),
      notScannedReason: null,
    })
  })

  test('finds the test virus however the file is cut into chunks', async () => {
    const content = Buffer.concat([Buffer.alloc(100, 'x'), eicar, Buffer.alloc(100, 'y')])
    const cuts = fc.array(fc.integer({ min: 0, max: content.length }), { maxLength: 30 })

    await fc.assert(
      fc.asyncProperty(cuts, async (unsorted) => {
        const borders = [0, ...unsorted.sort((a, b) => a - b), content.length]
        const chunks = borders.slice(1).map((end, index) => content.subarray(borders[index], end))
        const { data } = await scanning({ virus: { chunks } }).verdictOn('virus')
        expect(data.scanResultType).toBe('Malicious')
      }),
    )
  })

  test('does not take a part of the test virus for the test virus', async () => {
    const chunks = [eicar.subarray(0, 40), Buffer.from('-'), eicar.subarray(40)]

    const { data } = await scanning({ part: { chunks } }).verdictOn('part')

    expect(data.scanResultType).toBe('No threats found')
  })

  test('scans an empty file', async () => {
    const { data } = await scanning({ empty: { chunks: [] } }).verdictOn('empty')

    expect(data.scanResultType).toBe('No threats found')
  })

  test('tries again after a failure to read or to send, and logs it', async () => {
    const scans = scanning({ file: { chunks: [Buffer.from('x')], failures: 1 } }, 1)

    await scans.verdictOn('file')

    expect(scans.sent).toHaveLength(1)
    expect(scans.lines).toHaveLength(2)
  })

  test('says nothing of a blob that is gone', async () => {
    const scans = scanning({ file: { chunks: [] } })

    scans.blobCommitted('files', 'gone')
    await scans.verdictOn('file')
    await scans.stop()

    expect(scans.opened()).toBe(2)
    expect(scans.sent).toHaveLength(1)
  })
})
