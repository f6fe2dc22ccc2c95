import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { confirmDownload, downloadableFile, startDownload } from '../../../src/domain/fileTransfer/download.js'
import { evolveAll } from '../../../src/domain/fileTransfer/evolve.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  allConfirmed,
  cancelled,
  failed,
  file,
  initialized,
  inSeconds,
  kari,
  ola,
  processing,
  published,
  purged,
  stranger,
  uploadStarted,
  vendor,
} from '../../support/builders.js'

const at = inSeconds(1000)
const byKari = { recipient: kari, vendor: undefined }
const byOla = { recipient: ola, vendor: undefined }
const ranged = true
const whole = false
const grace = 7200

const notAvailable = [initialized(), uploadStarted(), processing(), failed(), cancelled(), purged()]

describe('downloading', () => {
  test.each([published(), allConfirmed()])('is possible when the file is published, and after: $status', (transfer) => {
    expect(downloadableFile(transfer)).toEqual(ok(file()))
  })

  test.each(notAvailable)('is refused in the status $status', (transfer) => {
    expect(downloadableFile(transfer)).toEqual(err('FileTransferNotAvailable'))
    expect(startDownload(transfer, byKari, whole, at)).toEqual(err('FileTransferNotAvailable'))
  })

  test('is refused to a caller who is not a recipient', () => {
    const byStranger = { recipient: stranger, vendor: undefined }

    expect(startDownload(published(), byStranger, whole, at)).toEqual(err('NoAccessToResource'))
  })

  test('is recorded, with the vendor that acts for the recipient', () => {
    expect(startDownload(published(), { recipient: kari, vendor }, whole, at)).toEqual(
      ok([{ type: 'DownloadStarted', number: 1, recipient: kari, vendor, at }]),
    )
  })

  test('the whole file is recorded each time', () => {
    const transfer = published({ [kari]: 'DownloadStarted', [ola]: 'Initialized' })

    expect(startDownload(transfer, byKari, whole, inSeconds(181))).toMatchObject(ok([{ type: 'DownloadStarted' }]))
  })

  test('by ranges within five minutes is one download', () => {
    const transfer = published({ [kari]: 'DownloadStarted', [ola]: 'Initialized' })

    expect(startDownload(transfer, byKari, ranged, inSeconds(180 + 299))).toEqual(ok([]))
    expect(startDownload(transfer, byKari, ranged, inSeconds(180 + 300))).toMatchObject(
      ok([{ type: 'DownloadStarted' }]),
    )
  })

  test('by a range is recorded when it is the first', () => {
    expect(startDownload(published(), byKari, ranged, inSeconds(181))).toMatchObject(ok([{ type: 'DownloadStarted' }]))
  })

  test('again does not revoke a confirmation', () => {
    const transfer = published({ [kari]: 'DownloadConfirmed', [ola]: 'Initialized' })

    const again = startDownload(transfer, byKari, whole, at)

    expect(evolveAll(transfer, again.ok ? again.value : []).recipients[kari]).toEqual({
      status: 'DownloadConfirmed',
      changedAt: at,
      downloads: 1,
    })
  })
})

describe('confirming a download', () => {
  test('is recorded', () => {
    const transfer = published({ [kari]: 'DownloadStarted', [ola]: 'Initialized' })

    expect(confirmDownload(transfer, { recipient: kari, vendor }, grace, at)).toEqual(
      ok([{ type: 'DownloadConfirmed', recipient: kari, vendor, at }]),
    )
  })

  test('by the last recipient closes the transfer and sets the deadline of its purge', () => {
    const transfer = published({ [kari]: 'DownloadStarted', [ola]: 'DownloadConfirmed' })

    expect(confirmDownload(transfer, byKari, grace, at)).toEqual(
      ok([
        { type: 'DownloadConfirmed', recipient: kari, at },
        { type: 'AllConfirmedDownloaded', purgeAt: inSeconds(1000 + grace), at },
      ]),
    )
  })

  test('by the last recipient sets no such deadline where the resource does not purge', () => {
    const transfer = published({ [kari]: 'DownloadStarted' })

    expect(confirmDownload(transfer, byKari, undefined, at)).toEqual(
      ok([
        { type: 'DownloadConfirmed', recipient: kari, at },
        { type: 'AllConfirmedDownloaded', at },
      ]),
    )
  })

  test('is refused before the recipient has started a download', () => {
    expect(confirmDownload(published(), byKari, grace, at)).toEqual(err('ConfirmDownloadBeforeDownloadStarted'))
  })

  test('is refused to a caller who is not a recipient', () => {
    const byStranger = { recipient: stranger, vendor: undefined }

    expect(confirmDownload(published(), byStranger, grace, at)).toEqual(err('NoAccessToResource'))
  })

  test.each([initialized(), uploadStarted(), failed(), cancelled()])(
    'is refused without a file: $status',
    (transfer) => {
      expect(confirmDownload(transfer, byKari, grace, at)).toEqual(err('NoFileUploaded'))
    },
  )

  test.each([processing(), purged(published({ [kari]: 'DownloadStarted' }))])(
    'is refused when the file is not published: $status',
    (transfer) => {
      expect(confirmDownload(transfer, byKari, grace, at)).toEqual(err('FileTransferNotPublished'))
    },
  )

  const confirmed = published({ [kari]: 'DownloadConfirmed', [ola]: 'DownloadStarted' })
  test.each([confirmed, allConfirmed(), purged(confirmed)])(
    'again changes nothing, also in the status $status',
    (transfer) => {
      expect(confirmDownload(transfer, byKari, grace, at)).toEqual(ok([]))
    },
  )

  test('closes the transfer at most once, whatever order the recipients act in', () => {
    const steps = fc.array(fc.record({ by: fc.constantFrom(byKari, byOla), confirms: fc.boolean() }))

    fc.assert(
      fc.property(steps, (all) => {
        let transfer = published()
        let closed = 0
        for (const { by, confirms } of all) {
          const decision = confirms ? confirmDownload(transfer, by, grace, at) : startDownload(transfer, by, whole, at)
          const facts = decision.ok ? decision.value : []
          closed += facts.filter(({ type }) => type === 'AllConfirmedDownloaded').length
          transfer = evolveAll(transfer, facts) as typeof transfer
        }
        expect(closed).toBeLessThanOrEqual(1)
        expect(closed === 1).toBe(
          Object.values(transfer.recipients).every(({ status }) => status === 'DownloadConfirmed'),
        )
      }),
    )
  })
})
