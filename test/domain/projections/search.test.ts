import { describe, expect, test } from 'vitest'
import { searchProjections } from '../../../src/domain/projections/search.js'
import {
  fileTransferId,
  initialized,
  inSeconds,
  kari,
  ola,
  published,
  sender,
  start,
  stranger,
} from '../../support/builders.js'

describe('the search rows of a transfer', () => {
  test('let the sender find it by creation, and by when it entered its status', () => {
    expect(searchProjections(initialized(), [])).toEqual([
      {
        actor: { organization: sender, resourceId: 'letters', role: 'Sender' },
        fileTransferId,
        sequence: 1,
        timelines: [{ at: start }, { status: 'Initialized', at: start }],
      },
    ])
  })

  test('let a recipient find it by its own status too', () => {
    const transfer = published({ [kari]: 'DownloadStarted', [ola]: 'Initialized' })

    expect(searchProjections(transfer, [kari])[1]).toEqual({
      actor: { organization: kari, resourceId: 'letters', role: 'Recipient' },
      fileTransferId,
      sequence: transfer.sequence,
      timelines: [
        { at: start },
        { status: 'Published', at: inSeconds(180) },
        { recipientStatus: 'DownloadStarted', at: start },
        { status: 'Published', recipientStatus: 'DownloadStarted', at: inSeconds(180) },
      ],
    })
  })

  test('let nobody else find it', () => {
    expect(searchProjections(initialized(), [stranger]).map(({ actor }) => actor.role)).toEqual(['Sender'])
  })
})
