import { describe, expect, test } from 'vitest'
import { cancel } from '../../../src/domain/fileTransfer/cancel.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  allConfirmed,
  attempt,
  cancelled,
  failed,
  initialized,
  inSeconds,
  otherAttempt,
  processing,
  published,
  purged,
  uploadStarted,
} from '../../support/builders.js'

const at = inSeconds(200)

describe('cancelling a transfer', () => {
  test.each([
    [initialized(), []],
    [uploadStarted([attempt, otherAttempt]), [attempt, otherAttempt]],
    [processing(), [attempt]],
  ])('ends it and releases what was uploaded: $0.status', (transfer, released) => {
    expect(cancel(transfer, at)).toEqual(ok([{ type: 'Cancelled', released, at }]))
  })

  test('leaves the deadline of its expiry', () => {
    expect(cancelled(processing()).deadlines.map(({ kind }) => kind)).toEqual(['expire'])
  })

  test('again changes nothing', () => {
    expect(cancel(cancelled(), at)).toEqual(ok([]))
  })

  test.each([published(), allConfirmed(), failed(), purged()])(
    'is refused once it is published or has ended: $status',
    (transfer) => {
      expect(cancel(transfer, at)).toEqual(err('FileTransferAlreadyEnded'))
    },
  )
})
