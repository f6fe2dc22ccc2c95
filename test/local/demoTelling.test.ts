import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import type { ReceivedEvent } from '../../local/demo/broker.js'
import { progress } from '../../local/demo/progress.js'
import { expectedEvents, missingEvents, timeline } from '../../local/demo/timeline.js'

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

describe('the progress', () => {
  async function shown(totalBytes: number, chunks: number[], isTTY: boolean) {
    const written: string[] = []
    let time = 0
    const clock = () => {
      time += 60
      return time
    }
    const bar = progress('upload', totalBytes, { isTTY, write: (text) => written.push(text) }, clock)
    let passed = 0
    await pipeline(Readable.from(chunks.map((size) => Buffer.alloc(size))), bar, async (bytes) => {
      for await (const chunk of bytes) passed += chunk.length
    })
    return { written, passed }
  }

  test('is a line for each quarter where there is no terminal', async () => {
    const { written, passed } = await shown(100, Array(20).fill(5), false)

    expect(passed).toBe(100)
    expect(written.map((line) => /\d+ %/.exec(line)?.[0])).toEqual(['25 %', '50 %', '75 %', '100 %'])
    expect(written.join('')).not.toContain('\r')
  })

  test('is one line, drawn over and over, in a terminal', async () => {
    const { written } = await shown(100, [50, 50], true)

    expect(written.every((text) => text.startsWith('\r'))).toBe(true)
    expect(written.at(-1)).toMatch(/█{30} 100 % .* MB\/s\n$/)
  })

  test('is whole for an empty file', async () => {
    expect((await shown(0, [], false)).written).toEqual([expect.stringContaining('100 %')])
  })
})
