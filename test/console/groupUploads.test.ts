import { describe, expect, test } from 'vitest'
import { beginningAt } from '../../clients/console/src/state/sending/upload/beginningAt.js'
import { memoryResumeStore, webResumeStore } from '../../clients/typescript/src/index.js'
import { clientOf } from '../support/clientOf.js'
import { bytesOf, KARI, OWNER, ownJourney, RESOURCE } from '../support/journey.js'

const MIB = 2 ** 20
const journey = await ownJourney()
const client = clientOf(journey)

const sendingOf = (sendersFileTransferReference: string) => ({
  resourceId: RESOURCE,
  sendersFileTransferReference,
  sender: OWNER,
  recipients: [KARI],
})

/** As of a browser, for as long as the test. */
function storage() {
  const texts = new Map<string, string>()
  return {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => void texts.set(key, text),
    removeItem: (key: string) => void texts.delete(key),
  }
}

describe('a file of a group', () => {
  const file = (name: string, size: number) => new File([new Uint8Array(size).fill(7)], name, { lastModified: 1 })
  const initialize = async (reference: string, files: File[]) =>
    client.initializeGroup({
      ...sendingOf(reference),
      sender: `0192:${OWNER}`,
      recipients: [`0192:${KARI}`],
      files: files.map(({ name }) => ({ fileName: name })),
    })

  test.each([
    ['a small one', 1000],
    ['a large one', 3 * MIB],
  ])('is sent to its own file transfer, and no other is initialized: %s', async (_, size) => {
    const files = [file('a.bin', size), file('b.bin', 1)]
    const reference = `group of ${size}`
    const { fileTransferIds } = await initialize(reference, files)
    const [id = ''] = fileTransferIds

    const resume = beginningAt(id, memoryResumeStore())
    const sent = await client.send(files[0] as File, sendingOf(reference), {
      resume,
      oneShotBytes: MIB,
      chunkBytes: MIB,
    })

    expect(sent.fileTransferId).toBe(id)
    expect((await bytesOf(await journey.download(KARI, id))).byteLength).toBe(size)
    const ids = await Array.fromAsync(client.searchFileTransfers({ resourceId: RESOURCE, role: 'Sender' }))
    const found = await Promise.all(ids.map((each) => client.getFileTransfer(each)))
    expect(found.filter((each) => each.sendersFileTransferReference === reference)).toHaveLength(2)
  })

  test('goes on where it was after a reload, though an equal file is sent elsewhere', async () => {
    const files = [file('same.bin', 3 * MIB)]
    const [kept, stopping] = [storage(), new AbortController()]
    const ids = await Promise.all(
      ['one', 'other'].map(async () => (await initialize('same', files)).fileTransferIds[0] ?? ''),
    )
    const [id = '', other = ''] = ids
    const sendTo = (to: string, signal?: AbortSignal) => {
      const resume = beginningAt(to, webResumeStore(kept, `of ${to}:`))
      const progress: number[] = []
      const onProgress = ({ sentBytes }: { sentBytes: number }) => {
        progress.push(sentBytes)
        if (sentBytes >= MIB && signal) stopping.abort(new Error('reload'))
      }
      const options = { resume, oneShotBytes: MIB, chunkBytes: MIB, parallel: 1, onProgress, signal }
      return client.send(files[0] as File, sendingOf('same'), options).then((sent) => ({ sent, progress }))
    }
    await expect(sendTo(id, stopping.signal)).rejects.toThrow('reload')

    const [elsewhere, resumed] = [await sendTo(other), await sendTo(id)]

    expect([elsewhere.sent.fileTransferId, resumed.sent.fileTransferId]).toEqual([other, id])
    expect(resumed.progress[0]).toBeGreaterThanOrEqual(MIB)
  })
})
