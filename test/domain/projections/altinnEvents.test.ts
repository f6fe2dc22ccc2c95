import { describe, expect, test } from 'vitest'
import { evolve } from '../../../src/domain/fileTransfer/evolve.js'
import type { Fact, FileTransfer } from '../../../src/domain/fileTransfer/state.js'
import {
  cloudEvent,
  type EventToPublish,
  eventName,
  eventsToPublish,
} from '../../../src/domain/projections/altinnEvents.js'
import {
  allConfirmed,
  attempt,
  failed,
  file,
  fileTransferId,
  initialized,
  inSeconds,
  kari,
  ola,
  processing,
  published,
  purged,
  sender,
  uploadStarted,
  verdict,
} from '../../support/builders.js'

const at = inSeconds(5)
const eventsOf = (transfer: FileTransfer, fact: Fact) =>
  eventsToPublish(transfer, fact, 7).map(({ type, actor }) => [type, actor.role, actor.organization])

describe('the events of a fact', () => {
  test('notify the sender that the transfer is initialized', () => {
    expect(eventsOf(initialized(), { type: 'Initialized', at })).toEqual([
      ['filetransferinitialized', 'Sender', sender],
    ])
  })

  test('notify the sender that the upload is being processed', () => {
    const fact: Fact = { type: 'UploadCompleted', file: file(), released: [], deadlines: [], at }

    expect(eventsOf(processing(), fact)).toEqual([['uploadprocessing', 'Sender', sender]])
  })

  test('notify the sender and every recipient that the file is published', () => {
    expect(eventsOf(published(), { type: 'Published', at })).toEqual([
      ['published', 'Sender', sender],
      ['published', 'Recipient', ola],
      ['published', 'Recipient', kari],
    ])
  })

  test('notify the sender that the upload has failed', () => {
    expect(eventsOf(failed(), { type: 'UploadFailed', reason: 'any', released: [], at })).toEqual([
      ['uploadfailed', 'Sender', sender],
    ])
  })

  test('notify the sender and every recipient of a withdrawal, and no recipient of the purge after it', () => {
    const fact: Fact = { type: 'FileWithdrawn', reason: 'any', released: [attempt], at }
    const withdrawn = evolve(published({ [kari]: 'DownloadConfirmed', [ola]: 'Initialized' }), fact)

    expect(eventsOf(withdrawn, fact)).toEqual([
      ['uploadfailed', 'Sender', sender],
      ['uploadfailed', 'Recipient', ola],
      ['uploadfailed', 'Recipient', kari],
    ])
    expect(eventsOf(purged(withdrawn), { type: 'Purged', released: [], at })).toEqual([
      ['filepurged', 'Sender', sender],
    ])
  })

  test('notify the sender, and the recipients who have not downloaded, of a withdrawal, and nobody of the time after', () => {
    const fact: Fact = { type: 'Cancelled', reason: 'any', released: [attempt], at }
    const withdrawn = evolve(published({ [kari]: 'DownloadStarted', [ola]: 'Initialized' }), fact)

    expect(eventsOf(withdrawn, fact)).toEqual([
      ['cancelled', 'Sender', sender],
      ['cancelled', 'Recipient', ola],
    ])
    expect(eventsOf(purged(withdrawn), fact)).toEqual(eventsOf(withdrawn, fact))
    expect(eventsOf(purged(withdrawn), { type: 'Purged', released: [], at })).toEqual([
      ['filepurged', 'Sender', sender],
    ])
  })

  test('are none for a cancellation before the file was published', () => {
    const fact: Fact = { type: 'Cancelled', reason: 'any', released: [attempt], at }

    expect(eventsOf(evolve(processing(), fact), fact)).toEqual([])
  })

  test('notify the recipient who confirmed and the sender that the download is confirmed', () => {
    expect(eventsOf(published(), { type: 'DownloadConfirmed', recipient: kari, at })).toEqual([
      ['downloadconfirmed', 'Recipient', kari],
      ['downloadconfirmed', 'Sender', sender],
    ])
  })

  test('remind those alone who had not confirmed, also when they have since', () => {
    expect(eventsOf(allConfirmed(), { type: 'DownloadReminded', recipients: [ola], at })).toEqual([
      ['downloadreminder', 'Recipient', ola],
    ])
  })

  test('notify the sender that all have confirmed', () => {
    expect(eventsOf(allConfirmed(), { type: 'AllConfirmedDownloaded', at })).toEqual([
      ['allconfirmeddownloaded', 'Sender', sender],
    ])
  })

  test('notify the sender that the file is purged', () => {
    expect(eventsOf(purged(allConfirmed()), { type: 'Purged', released: [], at })).toEqual([
      ['filepurged', 'Sender', sender],
    ])
  })

  test('notify each recipient who never confirmed, and once the sender, of a purge without confirmation', () => {
    const transfer = purged(published({ [kari]: 'DownloadConfirmed', [ola]: 'DownloadStarted' }))

    expect(eventsOf(transfer, { type: 'Purged', released: [], at })).toEqual([
      ['filepurged', 'Sender', sender],
      ['fileneverconfirmeddownloaded', 'Recipient', ola],
      ['fileneverconfirmeddownloaded', 'Sender', sender],
    ])
  })

  test.each([initialized(), uploadStarted(), failed()])(
    'no recipient of a file that never was published, of its removal: $status',
    (transfer) => {
      expect(eventsOf(purged(transfer), { type: 'Purged', released: [], at })).toEqual([
        ['filepurged', 'Sender', sender],
      ])
    },
  )

  test.each<Fact>([
    { type: 'UploadStarted', attemptId: attempt, idleAt: at, released: [], at },
    { type: 'UploadAbandoned', released: [attempt], at },
    { type: 'ScanVerdictRecorded', attemptId: attempt, verdict: verdict(), at },
    { type: 'UploadChecked', at },
    { type: 'DownloadStarted', number: 1, recipient: kari, at },
  ])('are none for $type', (fact) => {
    expect(eventsOf(published(), fact)).toEqual([])
  })

  test('name transfer, resource, fact and time', () => {
    expect(eventsToPublish(initialized(), { type: 'Initialized', at }, 1)).toEqual([
      {
        type: 'filetransferinitialized',
        actor: { organization: sender, role: 'Sender' },
        fileTransferId,
        resourceId: 'letters',
        sequence: 1,
        at,
      },
    ])
  })

  test('notify an actor in both of its roles', () => {
    const toOneself = { ...published(), sender: kari }

    expect(eventsOf(toOneself, { type: 'DownloadConfirmed', recipient: kari, at })).toEqual([
      ['downloadconfirmed', 'Recipient', kari],
      ['downloadconfirmed', 'Sender', kari],
    ])
  })
})

describe('the name of an event', () => {
  const event: EventToPublish = {
    type: 'published',
    actor: { organization: kari, role: 'Recipient' },
    fileTransferId,
    resourceId: 'letters',
    sequence: 6,
    at,
  }

  test('depends on the fact, the actor and the role, and not on when it is published', () => {
    expect(eventName(event)).toBe(`${fileTransferId}/6/published/${kari}/Recipient`)
    expect(eventName({ ...event, at: inSeconds(99) })).toBe(eventName(event))
  })

  test('is unique among the events of a transfer', () => {
    const transfer = purged({ ...published(), sender: kari })
    const facts: Fact[] = [
      { type: 'Initialized', at },
      { type: 'UploadCompleted', file: file(), released: [], deadlines: [], at },
      { type: 'Published', at },
      { type: 'DownloadConfirmed', recipient: kari, at },
      { type: 'DownloadConfirmed', recipient: ola, at },
      { type: 'AllConfirmedDownloaded', at },
      { type: 'Purged', released: [], at },
    ]

    const names = facts.flatMap((fact, index) => eventsToPublish(transfer, fact, index + 1)).map(eventName)

    expect(names.length).toBeGreaterThan(12)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('an event on the wire', () => {
  const event: EventToPublish = {
    type: 'published',
    actor: { organization: kari, role: 'Recipient' },
    fileTransferId,
    resourceId: 'letters',
    sequence: 6,
    at,
  }
  const id = '7b9d9c2e-5d2f-5c55-9a4e-0d0a4d0c1b2a'

  test('names the actor by its party in the form of the published guide', () => {
    expect(cloudEvent(event, id, { form: 'party', partyId: '50986252' }, 'https://platform.altinn.no/')).toEqual({
      specversion: '1.0',
      id,
      type: 'no.altinn.broker.published',
      time: '2026-03-02T10:00:05.000Z',
      resource: 'urn:altinn:resource:letters',
      resourceinstance: fileTransferId,
      source: 'https://platform.altinn.no/broker/api/v1/file',
      subject: '/party/50986252',
      alternativesubject: '/organisation/986252932',
      data: { Role: 'Recipient' },
    })
  })

  test('names the actor by its number in the form that Altinn Broker publishes now', () => {
    expect(cloudEvent(event, id, { form: 'urn' }, 'https://platform.altinn.no/')).toEqual({
      specversion: '1.0',
      id,
      type: 'no.altinn.broker.published',
      time: '2026-03-02T10:00:05.000Z',
      resource: 'urn:altinn:resource:letters',
      resourceinstance: fileTransferId,
      source: 'https://platform.altinn.no/broker/api/v1/filetransfer',
      subject: 'urn:altinn:organization:identifier-no:986252932',
      data: { Role: 'Recipient' },
    })
  })
})
