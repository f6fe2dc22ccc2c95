import { expect, test } from 'vitest'
import { type Details, eventsFor } from '../../tools/transfers/details.js'

const [SENDER, KARI, OLA] = ['991825827', '986252932', '910753614']
const time = (second: number) => `2026-11-28T10:00:0${second}Z`

/** Kari confirmed in the fifth second; Ola has not come. */
const details = (statuses: string[], more: Partial<Details> = {}): Details => ({
  fileTransferId: 'id',
  resourceId: 'resource',
  fileTransferStatus: statuses.at(-1) ?? '',
  checksum: null,
  fileTransferSize: 3,
  expirationTime: time(9),
  fileTransferStatusHistory: statuses.map((fileTransferStatus) => ({
    fileTransferStatus,
    fileTransferStatusText: '',
    fileTransferStatusChanged: time(1),
  })),
  recipients: [
    { recipient: `0192:${KARI}`, currentRecipientFileTransferStatusCode: 'DownloadConfirmed' },
    { recipient: `0192:${OLA}`, currentRecipientFileTransferStatusCode: 'Initialized' },
  ],
  recipientFileTransferStatusHistory: [
    {
      recipient: `0192:${KARI}`,
      recipientFileTransferStatusCode: 'DownloadConfirmed',
      recipientFileTransferStatusChanged: time(5),
    },
  ],
  ...more,
})

/** Those of this type, without their type. */
const owed = (type: string, of: Details) =>
  eventsFor(SENDER ?? '', of)
    .filter((each) => each.startsWith(`${type} > `))
    .map((each) => each.replace(`${type} > `, ''))

test('a reminder is owed to those whom it names, each time', () => {
  const reminderHistory = [
    { reminded: time(3), recipients: [`0192:${KARI}`, `0192:${OLA}`] },
    { reminded: time(6), recipients: [`0192:${OLA}`] },
  ]

  expect(owed('downloadreminder', details(['Published'], { reminderHistory }))).toEqual([
    `${OLA} as Recipient`,
    `${OLA} as Recipient`,
    `${KARI} as Recipient`,
  ])
})

test('a new expiry is told to those who had not confirmed then', () => {
  const changed = (second: number) => ({
    expiryHistory: [{ previousExpirationTime: time(8), expirationTime: time(9), expirationTimeChanged: time(second) }],
  })

  expect(owed('expirychanged', details(['Published'], changed(4)))).toHaveLength(2)
  expect(owed('expirychanged', details(['Published'], changed(6)))).toEqual([`${OLA} as Recipient`])
})

test('a withdrawal is told to the sender and to those who had not begun; nobody is told that it was not confirmed', () => {
  const withdrawn = details(['Initialized', 'Published', 'Cancelled', 'Purged'])

  expect(owed('cancelled', withdrawn)).toEqual([`${OLA} as Recipient`, `${SENDER} as Sender`])
  expect(owed('fileneverconfirmeddownloaded', withdrawn)).toEqual([])
  expect(owed('cancelled', details(['Initialized', 'Cancelled', 'Purged']))).toEqual([])
  expect(owed('fileneverconfirmeddownloaded', details(['Published', 'Purged']))).toHaveLength(2)
})
