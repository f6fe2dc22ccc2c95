import { describe, expect, test } from 'vitest'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import { newResource } from '../../../src/domain/resource.js'
import { details, eventLog, overview, resourceView, timestamp } from '../../../src/http/views/views.js'
import type { EventEntry } from '../../../src/usecases/ports/events.js'
import {
  allConfirmed,
  attempt,
  cancelled,
  failed,
  file,
  fileTransferId,
  initialized,
  inSeconds,
  kari,
  ola,
  owner,
  processing,
  published,
  purged,
  start,
  uploadStarted,
  verdict,
} from '../../support/builders.js'

describe('a time', () => {
  test.each([
    ['2024-04-19T07:22:19.438Z', '2024-04-19T07:22:19.438+00:00'],
    ['2024-04-19T07:22:19.430Z', '2024-04-19T07:22:19.43+00:00'],
    ['2024-04-19T07:22:19.000Z', '2024-04-19T07:22:19+00:00'],
    ['2024-04-19T07:22:10.000Z', '2024-04-19T07:22:10+00:00'],
    ['2024-04-19T07:00:00.000Z', '2024-04-19T07:00:00+00:00'],
  ])('%s is written %s', (at, text) => {
    expect(timestamp(new Date(at))).toBe(text)
  })
})

describe('the delivery log', () => {
  const event = {
    type: 'published' as const,
    actor: { organization: kari, role: 'Recipient' as const },
    fileTransferId,
    resourceId: 'letters',
    sequence: 4,
    at: start,
  }
  const shown = (last: EventEntry['last']) =>
    eventLog(fileTransferId, [{ id: '7b9d9c2e-5d2f-5c55-9a4e-0d0a4d0c1b2a', event, last }]).events[0]
  const tried = { tries: 2, triedAt: inSeconds(3), answer: 503 }

  test('shows an event that was never tried, and null for what is not known', () => {
    expect(shown(undefined)).toEqual({
      eventId: '7b9d9c2e-5d2f-5c55-9a4e-0d0a4d0c1b2a',
      type: 'no.altinn.broker.published',
      role: 'Recipient',
      organization: `0192:${kari}`,
      sequence: 4,
      occurred: '2026-03-02T10:00:00+00:00',
      status: 'Waiting',
      tries: 0,
      lastTried: null,
      lastAnswer: null,
      delivered: null,
      nextTry: null,
    })
  })

  test('shows when an event that waits is tried next', () => {
    expect(shown({ status: 'Waiting', ...tried, nextTryAt: inSeconds(7) })).toMatchObject({
      status: 'Waiting',
      tries: 2,
      lastTried: '2026-03-02T10:00:03+00:00',
      lastAnswer: '503',
      nextTry: '2026-03-02T10:00:07+00:00',
      delivered: null,
    })
  })

  test('shows when an event was delivered', () => {
    expect(shown({ status: 'Delivered', ...tried, answer: 200 })).toMatchObject({
      status: 'Delivered',
      lastAnswer: '200',
      delivered: '2026-03-02T10:00:03+00:00',
      nextTry: null,
    })
  })

  test('shows that an event was given up without an answer', () => {
    expect(shown({ status: 'GivenUp', ...tried, answer: 'UnknownParty' })).toMatchObject({
      status: 'GivenUp',
      lastAnswer: 'UnknownParty',
    })
    expect(shown({ status: 'GivenUp', ...tried, answer: 'NoAnswer' })).toMatchObject({
      status: 'GivenUp',
      lastAnswer: 'NoAnswer',
      delivered: null,
      nextTry: null,
    })
  })
})

describe('the overview', () => {
  test('of a new transfer shows all of it, and null for what is not known', () => {
    expect(overview(initialized())).toEqual({
      fileTransferId,
      resourceId: 'letters',
      fileName: 'report.pdf',
      sendersFileTransferReference: 'our-7',
      checksum: '',
      useVirusScan: true,
      fileTransferSize: 0,
      fileTransferStatus: 'Initialized',
      fileTransferStatusText: 'Ready for upload',
      fileTransferStatusChanged: '2026-03-02T10:00:00+00:00',
      created: '2026-03-02T10:00:00+00:00',
      expirationTime: '2026-04-01T10:00:00+00:00',
      sender: '0192:991825827',
      recipients: expect.arrayContaining([
        {
          recipient: '0192:986252932',
          currentRecipientFileTransferStatusCode: 'Initialized',
          currentRecipientFileTransferStatusText: 'Initialized',
          currentRecipientFileTransferStatusChanged: '2026-03-02T10:00:00+00:00',
        },
        {
          recipient: '0192:910753614',
          currentRecipientFileTransferStatusCode: 'Initialized',
          currentRecipientFileTransferStatusText: 'Initialized',
          currentRecipientFileTransferStatusChanged: '2026-03-02T10:00:00+00:00',
        },
      ]),
      propertyList: { color: 'blue' },
      published: null,
    })
  })

  test('of a published one shows size, MD5, and when', () => {
    expect(overview(published())).toMatchObject({
      checksum: file().md5,
      fileTransferSize: 1000,
      fileTransferStatus: 'Published',
      fileTransferStatusText: 'Ready for download',
      fileTransferStatusChanged: '2026-03-02T10:03:00+00:00',
      published: '2026-03-02T10:03:00+00:00',
    })
  })

  test('shows how far each recipient has come', () => {
    const { recipients } = overview(published({ [kari]: 'DownloadStarted', [ola]: 'DownloadConfirmed' }))

    expect(recipients).toHaveLength(2)
    expect(recipients).toEqual(
      expect.arrayContaining([
        {
          recipient: '0192:986252932',
          currentRecipientFileTransferStatusCode: 'DownloadStarted',
          currentRecipientFileTransferStatusText: 'Recipient has attempted to download fileTransfer',
          currentRecipientFileTransferStatusChanged: '2026-03-02T10:03:00+00:00',
        },
        {
          recipient: '0192:910753614',
          currentRecipientFileTransferStatusCode: 'DownloadConfirmed',
          currentRecipientFileTransferStatusText: 'Recipient has downloaded fileTransfer',
          currentRecipientFileTransferStatusChanged: '2026-03-02T10:03:00+00:00',
        },
      ]),
    )
  })

  test.each<[string, FileTransfer]>([
    ['Ready for upload', initialized()],
    ['Upload started', uploadStarted()],
    ['Processing upload', processing()],
    ['Ready for download', published()],
    ['All downloaded', allConfirmed()],
    ['FileTransfer has been purged', purged()],
    ['FileTransfer cancelled', cancelled()],
    ['Checksum mismatch', failed()],
  ])('says %s', (text, transfer) => {
    expect(overview(transfer).fileTransferStatusText).toBe(text)
  })

  test('keeps when the file was published after it has been removed', () => {
    expect(overview(purged(allConfirmed()))).toMatchObject({ published: '2026-03-02T10:03:00+00:00' })
  })

  test('shows a checksum as it was promised', () => {
    const promised = 'ffffffffffffffffffffffffffffffff'

    expect(overview({ ...published(), checksum: promised }).checksum).toBe(promised)
    expect(overview({ ...initialized(), checksum: null }).checksum).toBeNull()
    expect(overview({ ...published(), checksum: null }).checksum).toBe(file().md5)
  })

  test('is JSON with every member', () => {
    const text = JSON.stringify(overview({ ...initialized(), checksum: null }))

    expect(text).toContain('"checksum":null')
    expect(text).toContain('"published":null')
  })
})

describe('the details', () => {
  const facts: Fact[] = [
    { type: 'Initialized', at: start },
    { type: 'UploadStarted', attemptId: 'first', idleAt: start, released: [], at: inSeconds(10) },
    { type: 'UploadAbandoned', released: ['first'], at: inSeconds(20) },
    { type: 'UploadStarted', attemptId: attempt, idleAt: start, released: [], at: inSeconds(30) },
    { type: 'UploadCompleted', file: file(), released: [], deadlines: [], at: inSeconds(40) },
    { type: 'UploadChecked', at: inSeconds(50) },
    { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at: inSeconds(60) },
    { type: 'Published', at: inSeconds(60) },
    { type: 'DownloadStarted', number: 1, recipient: kari, at: inSeconds(70) },
    { type: 'DownloadConfirmed', recipient: kari, at: inSeconds(80) },
    { type: 'AllConfirmedDownloaded', at: inSeconds(80) },
    { type: 'DownloadStarted', number: 1, recipient: kari, at: inSeconds(90) },
    { type: 'Purged', released: [], at: inSeconds(100.25) },
  ]
  const transfer = purged(published({ [kari]: 'DownloadConfirmed' }))

  test('are the overview and two histories', () => {
    const { fileTransferStatusHistory, recipientFileTransferStatusHistory, ...rest } = details(transfer, facts)

    expect(rest).toEqual(overview(transfer))
  })

  test('have every status of the transfer, oldest first', () => {
    expect(details(transfer, facts).fileTransferStatusHistory).toEqual([
      status('Initialized', 'Ready for upload', '10:00:00'),
      status('UploadStarted', 'Upload started', '10:00:10'),
      status('UploadStarted', 'Upload started', '10:00:30'),
      status('UploadProcessing', 'Processing upload', '10:00:40'),
      status('Published', 'Ready for download', '10:01:00'),
      status('AllConfirmedDownloaded', 'All downloaded', '10:01:20'),
      status('Purged', 'FileTransfer has been purged', '10:01:40.25'),
    ])
  })

  test('have every status of every recipient, oldest first', () => {
    expect(details(transfer, facts).recipientFileTransferStatusHistory).toEqual([
      recipient('Initialized', 'Initialized', '10:00:00'),
      recipient('DownloadStarted', 'Recipient has attempted to download fileTransfer', '10:01:10'),
      recipient('DownloadConfirmed', 'Recipient has downloaded fileTransfer', '10:01:20'),
      recipient('DownloadStarted', 'Recipient has attempted to download fileTransfer', '10:01:30'),
    ])
  })

  test('say why a transfer failed', () => {
    const fact: Fact = { type: 'UploadFailed', reason: 'Checksum mismatch', released: [], at: inSeconds(120) }

    expect(details(failed(), [fact]).fileTransferStatusHistory).toEqual([
      status('Failed', 'Checksum mismatch', '10:02:00'),
    ])
  })

  test.each([
    ['whole', raw, 'Malware scan failed: Malicious. Extra details: malware EICAR, scanned 2026-03-02T10:02:00.000Z'],
    ['cut off', raw.slice(0, -1), 'Malware scan failed: Malicious'],
  ])('mention malware without the addresses that earlier versions stored, %s', (_, json, text) => {
    const reason = `Malware scan failed: Malicious. Extra details: ${json}`
    const fact: Fact = { type: 'UploadFailed', reason, released: [], at: inSeconds(120) }
    const shown = details({ ...failed(), status: 'Failed', reason }, [fact])

    expect(shown.fileTransferStatusText).toBe(text)
    expect(shown.fileTransferStatusHistory).toEqual([status('Failed', text, '10:02:00')])
  })

  const status = (code: string, text: string, time: string) => ({
    fileTransferStatus: code,
    fileTransferStatusText: text,
    fileTransferStatusChanged: `2026-03-02T${time}+00:00`,
  })
  const recipient = (code: string, text: string, time: string) => ({
    recipient: '0192:986252932',
    recipientFileTransferStatusCode: code,
    recipientFileTransferStatusText: text,
    recipientFileTransferStatusChanged: `2026-03-02T${time}+00:00`,
  })
})

/** What the scanner sent, as it was stored. */
const raw = JSON.stringify({
  correlationId: '4e0c9a4e-6c50-4b5d-9a3f-0f7c3f2b1d11',
  blobUri: 'https://scanned.blob.core.windows.net/c/b',
  eTag: '0x8DB1A2B3C4D5E6F',
  scanFinishedTimeUtc: '2026-03-02T10:02:00Z',
  scanResultType: 'Malicious',
  scanResultDetails: { malwareNamesFound: ['EICAR'], sha256: 'A'.repeat(64), notScannedReason: null },
})

describe('reminders', () => {
  const planned = { ...published(), reminders: [604_800, 40 * 86_400, -172_800] }

  test('are durations, those that fall before the expiry, with the time of the next', () => {
    expect(overview(planned)).toMatchObject({
      reminders: ['P7D', '-P2D'],
      nextReminder: timestamp(inSeconds(180 + 604_800)),
    })
  })

  test('are all of them before the publication, which has no time yet', () => {
    const seen = overview({ ...initialized(), reminders: [604_800, 40 * 86_400] })

    expect(seen.reminders).toEqual(['P7D', 'P40D'])
    expect(seen).not.toHaveProperty('nextReminder')
  })

  test('are not mentioned where there are none', () => {
    const seen = details(published(), [{ type: 'Published', at: inSeconds(180) }])

    for (const name of ['reminders', 'nextReminder', 'reminderHistory']) expect(seen).not.toHaveProperty(name)
  })

  test('have a history of their own, and change no status', () => {
    const seen = details(planned, [{ type: 'DownloadReminded', recipients: [kari], at: inSeconds(200) }])

    expect(seen).toMatchObject({
      reminderHistory: [{ reminded: timestamp(inSeconds(200)), recipients: [`0192:${kari}`] }],
      fileTransferStatusHistory: [],
      recipientFileTransferStatusHistory: [],
    })
  })

  test('of a resource are durations that it can be configured with again', () => {
    expect(resourceView({ ...newResource('letters', owner), reminders: [604_800, -5400] }).reminders).toEqual([
      'P7D',
      '-PT1H30M',
    ])
    expect(resourceView({ ...newResource('letters', owner), reminders: [] })).not.toHaveProperty('reminders')
  })
})

describe('the configuration of a resource', () => {
  test('is null where nothing was decided', () => {
    expect(resourceView(newResource('letters', owner))).toEqual({
      maxFileTransferSize: null,
      fileTransferTimeToLive: null,
      purgeFileTransferAfterAllRecipientsConfirmed: true,
      purgeFileTransferGracePeriod: null,
      useManifestFileShim: null,
      externalServiceCodeLegacy: null,
      externalServiceEditionCodeLegacy: null,
      requiredParty: null,
    })
  })

  test('has durations as Altinn Broker writes them', () => {
    const configured = {
      ...newResource('letters', owner),
      maxFileTransferSize: 1000,
      timeToLiveSeconds: 30 * 86_400,
      purgeAfterAllConfirmed: false,
      graceSeconds: 7200,
      useManifestFileShim: true,
      externalServiceCodeLegacy: '4752',
      externalServiceEditionCodeLegacy: 1,
      requiredParty: '0192:991825827',
    }

    expect(resourceView(configured)).toEqual({
      maxFileTransferSize: 1000,
      fileTransferTimeToLive: '30.00:00:00',
      purgeFileTransferAfterAllRecipientsConfirmed: false,
      purgeFileTransferGracePeriod: '02:00:00',
      useManifestFileShim: true,
      externalServiceCodeLegacy: '4752',
      externalServiceEditionCodeLegacy: 1,
      requiredParty: '0192:991825827',
    })
  })

  test('has the longest time to live when there is one', () => {
    expect(resourceView({ ...newResource('letters', owner), maxTimeToLiveSeconds: 90 * 86_400 })).toMatchObject({
      fileTransferMaxTimeToLive: '90.00:00:00',
    })
  })
})
