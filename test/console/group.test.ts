import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { canConfirmAll, type Group, type GroupFile, nextToChange } from '../../clients/console/src/state/group.js'
import { awaitStatus } from '../../clients/console/src/state/polling/awaitStatus.js'
import type { FileTransferStatus, RecipientStatus } from '../../clients/typescript/src/index.js'
import { FILE_TRANSFER_STATUSES, RECIPIENT_STATUSES } from '../../clients/typescript/src/wire/statuses.js'

type Pair = [FileTransferStatus, RecipientStatus?]

const groupOf = (...files: Pair[]): Group => ({
  fileTransferGroupId: 'group',
  resourceId: 'resource',
  sendersFileTransferReference: 'ref',
  sender: '0192:991825827',
  fileCount: files.length,
  fileTransfers: files.map(
    ([fileTransferStatus, recipientStatus], index) =>
      ({ fileTransferId: `${index}`, fileTransferStatus, ...(recipientStatus && { recipientStatus }) }) as GroupFile,
  ),
})

describe('a recipient can confirm all files of a group', () => {
  test.each<[string, Pair[]]>([
    ['it has downloaded', [['Published', 'DownloadStarted']]],
    [
      'of which some are confirmed',
      [
        ['Published', 'DownloadStarted'],
        ['Published', 'DownloadConfirmed'],
        ['AllConfirmedDownloaded', 'DownloadConfirmed'],
      ],
    ],
    [
      'of which the others have ended',
      [
        ['Published', 'DownloadStarted'],
        ['Cancelled', 'Initialized'],
        ['Failed', 'Initialized'],
        ['Purged', 'DownloadStarted'],
      ],
    ],
  ])('when these are those that %s', (_, files) => {
    expect(canConfirmAll(groupOf(...files))).toBe(true)
  })

  test.each<[string, Pair[]]>([
    [
      'one is not downloaded',
      [
        ['Published', 'DownloadStarted'],
        ['Published', 'Initialized'],
      ],
    ],
    [
      'one is not published',
      [
        ['Published', 'DownloadStarted'],
        ['UploadProcessing', 'Initialized'],
      ],
    ],
    ['all are confirmed', [['Published', 'DownloadConfirmed']]],
    ['all have ended', [['Purged', 'DownloadStarted']]],
    ['it is the sender who looks', [['Published'], ['Published']]],
  ])('but not when %s', (_, files) => {
    expect(canConfirmAll(groupOf(...files))).toBe(false)
  })
})

describe('the file of a group whose change is waited for', () => {
  test('is on its way, else to be confirmed, and none when all have ended', () => {
    const idOf = (...files: Pair[]) => nextToChange(groupOf(...files))?.fileTransferId

    expect(idOf(['Published'], ['UploadStarted'], ['Initialized'])).toBe('1')
    expect(idOf(['Failed'], ['Published'], ['Published'])).toBe('1')
    expect(idOf(['AllConfirmedDownloaded'], ['Purged'])).toBeUndefined()
  })

  test('is never one that has ended', () => {
    const pairs = fc.array(fc.tuple(fc.constantFrom(...FILE_TRANSFER_STATUSES), fc.constantFrom(...RECIPIENT_STATUSES)))

    fc.assert(
      fc.property(pairs, (files) => {
        const status = nextToChange(groupOf(...(files as Pair[])))?.fileTransferStatus
        expect(['AllConfirmedDownloaded', 'Cancelled', 'Purged', 'Failed']).not.toContain(status)
      }),
    )
  })
})

describe('waiting for another status', () => {
  const brokerAt = (fileTransferStatus: FileTransferStatus) => ({
    getFileTransfer: vi.fn(async () => ({ fileTransferStatus })),
  })
  const waited = async (broker: ReturnType<typeof brokerAt>, status: FileTransferStatus, ms: number) =>
    awaitStatus(broker as never, { id: 'a', status }, ms, AbortSignal.timeout(1000))

  test('waits in Broker for the next one, for a minute at most', async () => {
    const broker = brokerAt('UploadProcessing')

    expect(await waited(broker, 'UploadStarted', 90_000)).toBe(true)
    expect(await waited(broker, 'UploadProcessing', 1500)).toBe(false)

    const asked = broker.getFileTransfer.mock.calls as unknown as [string, { waitFor: string; timeout: number }][]
    expect(asked.map(([, { waitFor, timeout }]) => [waitFor, timeout])).toEqual([
      ['UploadProcessing', 60],
      ['Published', 2],
    ])
  })

  test.each([
    ['that has ended', 'Failed', 60_000],
    ['for less than a look takes', 'Published', 500],
  ] as const)('asks nothing of one %s', async (_, status, ms) => {
    const broker = brokerAt(status)

    expect(await waited(broker, status, ms)).toBe(false)
    expect(broker.getFileTransfer).not.toHaveBeenCalled()
  })
})
