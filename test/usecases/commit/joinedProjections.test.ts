import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FileTransferStatus } from '../../../src/domain/fileTransfer/state.js'
import type { SearchProjection } from '../../../src/domain/projections/search.js'
import { joinedProjections } from '../../../src/usecases/commit/joinedProjections.js'
import type { SearchIndex } from '../../../src/usecases/ports/search.js'
import { memorySearchIndex } from '../../memory/memorySearchIndex.js'
import { at, kari, later } from '../../support/samples.js'

const projection = (sequence: number, status: FileTransferStatus = 'UploadStarted'): SearchProjection => ({
  actor: { organization: kari, resourceId: 'bilag', role: 'Recipient' },
  fileTransferId: 'one',
  sequence,
  timelines: [{ at }, { status, at: later(sequence) }],
})

/** An index, and what was written to it. */
function recording(fail = false) {
  const rows = memorySearchIndex()
  const written: { sequence: number; replaced: number | undefined }[] = []
  const index: SearchIndex = {
    ...rows,
    async project(given, known) {
      if (fail) throw new Error('The table does not answer.')
      written.push({ sequence: given.sequence, replaced: known?.replaced?.sequence })
      return rows.project(given, known)
    },
  }
  return { ...joinedProjections(index), written, rows }
}

test('rows that wait are not written when the next ones come, which replace what these would have replaced', async () => {
  const { waiting, atOnce, written } = recording()

  const early = waiting.project(projection(2), { replaced: projection(1) })
  await atOnce.project(projection(3), { replaced: projection(2) })
  await early

  expect(written).toEqual([{ sequence: 3, replaced: 1 }])
})

test('rows that wait are written when nothing comes, and only then is their promise kept', async () => {
  const { waiting, written } = recording()
  let isDone = false
  const early = waiting.project(projection(2), { replaced: projection(1) }).then(() => {
    isDone = true
  })

  await pause(50)
  expect([isDone, written]).toEqual([false, []])

  await early
  expect(written).toEqual([{ sequence: 2, replaced: 1 }])
})

test('rows of others, and those that replace other ones, are left to wait', async () => {
  const { waiting, atOnce, written } = recording()
  const early = waiting.project(projection(2), { replaced: projection(1) })

  await atOnce.project({ ...projection(3), fileTransferId: 'another' }, { replaced: projection(2) })
  await atOnce.project(projection(3), { replaced: projection(1) })
  await atOnce.project(projection(4))
  expect(written.map(({ sequence }) => sequence)).toEqual([3, 3, 4])

  await early
  expect(written.at(-1)).toEqual({ sequence: 2, replaced: 1 })
})

test('a failure is that of both', async () => {
  const { waiting, atOnce } = recording(true)

  const early = waiting.project(projection(2), { replaced: projection(1) })
  const late = atOnce.project(projection(3), { replaced: projection(2) })

  await expect(early).rejects.toThrow('does not answer')
  await expect(late).rejects.toThrow('does not answer')
})

test('the rows end as those of the last change, whichever of them waited', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), async (waits) => {
      const { waiting, atOnce, rows } = recording()

      await Promise.all(
        waits.map((isWaiting, index) =>
          (isWaiting ? waiting : atOnce).project(projection(index + 1), {
            replaced: index === 0 ? undefined : projection(index),
          }),
        ),
      )

      expect((await rows.readHead(projection(1)))?.sequence).toBe(waits.length)
    }),
    { numRuns: 20 },
  )
})
