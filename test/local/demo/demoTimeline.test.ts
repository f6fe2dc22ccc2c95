import { describe, expect, test } from 'vitest'
import type { ReceivedEvent } from '../../../local/demo/events.js'
import { expectedEvents, missingEvents, timeline } from '../../../local/demo/timeline.js'

const event = (id: string, type: string, organization: string, role: string): ReceivedEvent => ({
  id,
  type: `no.altinn.broker.${type}`,
  time: '2026-01-02T03:04:05.5+00:00',
  subject: '/party/1',
  alternativesubject: `/organisation/${organization}`,
  data: { Role: role },
})

describe('the events of a finished transfer', () => {
  test('are ten with two recipients', () => {
    expect(expectedEvents('991825827', ['986252932', '910753614'])).toHaveLength(10)
  })

  test('are missing until each has come, in whatever form; a repeat does not stand for another', () => {
    const expected = ['downloadconfirmed 991825827 Sender', 'downloadconfirmed 991825827 Sender']
    const one = event('1', 'downloadconfirmed', '991825827', 'Sender')
    const { alternativesubject: _, ...rest } = event('2', 'downloadconfirmed', '', 'Sender')
    const other = { ...rest, subject: 'urn:altinn:organization:identifier-no:991825827' }

    expect(missingEvents(expected, [one, one])).toEqual(['downloadconfirmed 991825827 Sender'])
    expect(missingEvents(expected, [one, other])).toEqual([])
  })
})

describe('the timeline', () => {
  test('has statuses, recipients and events in the order of time', () => {
    const details = {
      fileTransferStatus: 'Published',
      fileTransferStatusText: '',
      fileTransferSize: 1,
      checksum: null,
      fileTransferStatusHistory: [
        { fileTransferStatus: 'Published', fileTransferStatusChanged: '2026-01-02T03:04:05.5+00:00' },
        { fileTransferStatus: 'Initialized', fileTransferStatusChanged: '2026-01-02T03:04:05.123456+00:00' },
      ],
      recipientFileTransferStatusHistory: [
        {
          recipient: '0192:986252932',
          recipientFileTransferStatusCode: 'Initialized',
          recipientFileTransferStatusChanged: '2026-01-02T03:04:05.123456+00:00',
        },
      ],
    }
    const published = event('1', 'published', '986252932', 'Recipient')

    expect(timeline(details, [published, published], (organization) => `Nr ${organization}`)).toEqual([
      '  03:04:05.123  ● Initialized',
      '  03:04:05.123  ○ Initialized              Nr 986252932',
      '  03:04:05.500  ● Published',
      '  03:04:05.500  ✉ published                Nr 986252932 (Recipient), received 2 times',
    ])
  })
})
