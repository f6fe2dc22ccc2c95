import { describe, expect, test } from 'vitest'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { receiptOf } from '../../../src/domain/projections/receipt.js'
import {
  attempt,
  cancelled,
  failed,
  file,
  initialized,
  inSeconds,
  kari,
  ola,
  processing,
  published,
} from '../../support/builders.js'

const ISSUER = 'https://platform.example/broker/api/v1'
const at = (seconds: number) => inSeconds(seconds).toISOString()

/** The receipt after these facts, which follow the publishing. */
const receiptAfter = (facts: Fact[], transfer: FileTransfer = published()) =>
  receiptOf(evolveAll(transfer, facts), [{ type: 'Published', at: inSeconds(180) }, ...facts], ISSUER, inSeconds(1000))

describe('the receipt of a file transfer', () => {
  test('states who sent what to whom, and when', () => {
    const { id, resourceId, serviceOwner, sender, fileName } = published()

    expect(receiptAfter([])).toEqual({
      iss: ISSUER,
      sub: id,
      iat: inSeconds(1000).getTime() / 1000,
      resourceId,
      serviceOwner: `0192:${serviceOwner}`,
      sender: `0192:${sender}`,
      file: { name: fileName, sizeBytes: 1000, md5: file().md5, sha256: null },
      created: at(0),
      published: at(180),
      recipients: [
        { organization: `0192:${ola}`, downloadStarted: null, confirmed: null },
        { organization: `0192:${kari}`, downloadStarted: null, confirmed: null },
      ],
      statuses: [{ status: 'Published', at: at(180) }],
    })
  })

  test('has the first download of each recipient, its confirmation, and what became of the file', () => {
    const receipt = receiptAfter([
      { type: 'DownloadStarted', recipient: kari, number: 1, at: inSeconds(200) },
      { type: 'DownloadStarted', recipient: kari, number: 2, at: inSeconds(210) },
      { type: 'DownloadStarted', recipient: ola, number: 1, at: inSeconds(220) },
      { type: 'DownloadConfirmed', recipient: kari, at: inSeconds(230) },
      { type: 'DownloadConfirmed', recipient: ola, at: inSeconds(240) },
      { type: 'AllConfirmedDownloaded', at: inSeconds(240) },
      { type: 'Purged', released: [attempt], at: inSeconds(300) },
    ])

    expect(receipt?.recipients).toEqual([
      { organization: `0192:${ola}`, downloadStarted: at(220), confirmed: at(240) },
      { organization: `0192:${kari}`, downloadStarted: at(200), confirmed: at(230) },
    ])
    expect(receipt?.statuses).toEqual([
      { status: 'Published', at: at(180) },
      { status: 'AllConfirmedDownloaded', at: at(240) },
      { status: 'Purged', at: at(300) },
    ])
  })

  test('says that the file was withdrawn', () => {
    const withdrawn: Fact = { type: 'FileWithdrawn', reason: 'malware', released: [attempt], at: inSeconds(190) }

    expect(receiptAfter([withdrawn])?.statuses.at(-1)).toEqual({ status: 'Failed', at: at(190) })
  })

  test('says that the sender has withdrawn it, and when, without the reason, which may name people', () => {
    const withdrawal: Fact = {
      type: 'Cancelled',
      reason: 'Sent to Kari by mistake',
      released: [attempt],
      at: inSeconds(190),
    }
    const receipt = receiptAfter([withdrawal])

    expect(receipt?.statuses).toEqual([
      { status: 'Published', at: at(180) },
      { status: 'Cancelled', at: at(190) },
    ])
    expect(JSON.stringify(receipt)).not.toContain('mistake')
  })

  test.each<[string, FileTransfer]>([
    ['initialized', initialized()],
    ['being processed', processing()],
    ['failed before it was published', failed()],
    ['cancelled before it was published', cancelled()],
  ])('is not there while it is %s', (_, transfer) => {
    expect(receiptOf(transfer, [], ISSUER, inSeconds(1000))).toBeUndefined()
  })

  test('names nobody but organisations: no caller, no client, no reference, no property', () => {
    const by = { organization: kari, clientId: 'secret client' }
    const text = JSON.stringify(
      receiptAfter([{ type: 'DownloadStarted', recipient: kari, number: 1, by, at: inSeconds(200) }], {
        ...published(),
        sendersFileTransferReference: 'secret reference',
        propertyList: { secret: 'secret' },
      }),
    )

    expect(text).not.toContain('secret')
  })
})
