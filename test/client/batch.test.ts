import { describe, expect, test } from 'vitest'
import { batchOf } from '../../clients/typescript/src/cli/sending/batch.js'
import type { Chosen } from '../../clients/typescript/src/cli/sending/files.js'
import { memoryResumeStore } from '../../clients/typescript/src/index.js'

const file = (path: string): Chosen => ({
  path,
  source: { sizeBytes: 1, identity: path, read: async () => new Uint8Array(1) },
})
const [a, b, c] = [file('in/a'), file('in/b'), file('in/c')]
const sent = { fileTransferId: '1', status: 'Published', fileName: 'a', sizeBytes: 1 }
const REQUEST = { resourceId: 'r', recipients: ['0192:986252932'] }

/** The store after a command that has sent the first of two files, and was interrupted. */
async function interrupted(names: string[]) {
  const store = memoryResumeStore()
  await (await batchOf(store, names, [a, b], REQUEST)).add(a, sent)
  return store
}

describe('the same command, after an interruption', () => {
  test.each([
    ['with another file in the folder', ['in'], [a, b, c]],
    ['with one file left in the folder', ['in'], [a]],
    ['with the folder spelled otherwise', ['./in/'], [a, b]],
  ])('knows what it has sent, %s', async (_, names, files) => {
    const store = await interrupted(['in'])

    const batch = await batchOf(store, names, files, REQUEST)

    expect(files.map(batch.earlier)).toEqual([sent, ...files.slice(1).map(() => undefined)])
  })

  test('is another one with other files, or to others', async () => {
    const store = await interrupted(['in'])

    const others = [await batchOf(store, ['../in'], [a, b], REQUEST), await batchOf(store, ['in'], [a, b], {})]

    expect(others.map((batch) => batch.earlier(a))).toEqual([undefined, undefined])
  })
})
