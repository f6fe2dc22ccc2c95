import { expect, test } from 'vitest'
import { isPublished } from '../../../tools/soak/clients/awaiting.js'
import type { Client } from '../../../tools/transfers/retryingClient.js'
import { entryWith, KARI, OLA, plan } from './judged.js'

const missed = async (...statuses: string[]) => {
  const call: Client['call'] = async () => {
    const bytes = Buffer.from(JSON.stringify({ fileTransferStatus: statuses.shift() }))
    return { status: 200, headers: new Headers(), bytes }
  }
  const entry = { ...entryWith({}, plan), missed: [] }
  const is = await isPublished({ call } as Client, entry, new AbortController().signal)
  return [is, entry.missed]
}

test('a file that came and was purged between two looks is missed by its recipients', async () => {
  expect(await missed('UploadProcessing', 'Purged')).toEqual([false, [KARI, OLA]])
})

test('nobody misses a file that is there, or that never came', async () => {
  expect(await missed('UploadProcessing', 'Published')).toEqual([true, []])
  expect(await missed('Failed')).toEqual([false, []])
})
