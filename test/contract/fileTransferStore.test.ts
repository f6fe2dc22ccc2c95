import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { tableFileTransferStore } from '../../src/adapters/tables/tableFileTransferStore.js'
import { evolveAll } from '../../src/domain/fileTransfer/evolve.js'
import type { Fact } from '../../src/domain/fileTransfer/state.js'
import { parseOrganizationNumber } from '../../src/domain/organizationNumber.js'
import type { FileTransferStore } from '../../src/usecases/ports/fileTransfers.js'
import { memoryFileTransferStore } from '../memory/memoryFileTransferStore.js'
import { azuriteTables } from '../support/azurite.js'
import { all, at, initialized, kari, later, organization } from '../support/samples.js'

const someVerdict = { result: 'Clean' as const, etag: '0x1', detail: '{"scan":"æøå 👍"}' }
const link = { until: later(3600), mayReplace: true as const }
const file = {
  attemptId: randomUUID(),
  sizeBytes: 1_677_721_600_000,
  md5: 'a'.repeat(32),
  sha256: 'b'.repeat(64),
  etag: '0x8D',
  link,
}

const uploadStarted: Fact = {
  type: 'UploadStarted',
  attemptId: file.attemptId,
  vendor: kari,
  idleAt: later(86_400),
  released: [],
  at: later(1),
}
const verdictRecorded: Fact = {
  type: 'ScanVerdictRecorded',
  attemptId: file.attemptId,
  verdict: someVerdict,
  at: later(1.5),
}
const uploadCompleted: Fact = {
  type: 'UploadCompleted',
  file,
  released: [randomUUID()],
  deadlines: [{ kind: 'processingOverdue', at: later(300) }],
  at: later(2),
}

/** A life with every kind of fact in it. */
const wholeLife: Fact[] = [
  uploadStarted,
  { type: 'UploadAbandoned', released: [file.attemptId], at: later(1.1) },
  { ...uploadStarted, at: later(1.2) },
  { type: 'UploadLinkGiven', attemptId: file.attemptId, link, idleAt: later(86_400), at: later(1.3) },
  verdictRecorded,
  uploadCompleted,
  { type: 'UploadChecked', by: { clientId: 'client-1' }, at: later(3) },
  { type: 'Published', at: later(3) },
  { type: 'DownloadStarted', number: 1, recipient: kari, vendor: kari, at: later(4) },
  { type: 'DownloadReminded', recipients: [kari], at: later(4) },
  { type: 'DownloadConfirmed', recipient: kari, by: { organization: kari, clientId: 'client-1' }, at: later(5) },
  { type: 'AllConfirmedDownloaded', purgeAt: later(7200), at: later(5) },
  { type: 'FileWithdrawn', reason: 'Malware', released: [file.attemptId], resumable: file.attemptId, at: later(6) },
  { type: 'Purged', released: [file.attemptId], unlistAt: later(9000), forgetAt: later(9999), at: later(7200) },
  { type: 'Unlisted', at: later(9000) },
]

function fileTransferStoreContract(name: string, makeStore: () => Promise<FileTransferStore>) {
  describe(`a file transfer store in ${name}`, () => {
    test('has nothing under an id that was never used', async () => {
      const store = await makeStore()
      const id = randomUUID()

      expect(await store.read(id)).toBeUndefined()
      expect(await store.readFacts(id, 1)).toBeUndefined()
      expect(await store.readThese(id, [1])).toBeUndefined()
      expect(await all(store.facts(id))).toEqual([])
      expect(await store.changeIdAt(id, 1)).toBeUndefined()
    })

    test('returns what was created, at the version of the commit', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()

      const version = await store.commit(transfer, facts, 'first', undefined)

      expect(await store.read(transfer.id)).toStrictEqual({ transfer, version })
    })

    test('returns the reminders of a transfer, and of its first fact', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized({ reminders: [604_800, -172_800] })

      await store.commit(transfer, facts, 'first', undefined)

      expect(transfer.reminders).toEqual([604_800, -172_800])
      expect(await store.readFacts(transfer.id, 1)).toMatchObject({ transfer, facts: [{ fact: facts[0] }] })
    })

    test('creates a transfer once: a second time is a conflict and changes nothing', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const other = initialized({ fileName: 'another.pdf' }, transfer.id)
      await store.commit(transfer, facts, 'first', undefined)

      const again = await store.commit(other.transfer, other.facts, 'second', undefined)

      expect(again).toBe('conflict')
      expect((await store.read(transfer.id))?.transfer).toStrictEqual(transfer)
      expect(await store.changeIdAt(transfer.id, 1)).toBe('first')
    })

    test('refuses a commit against a version that has been replaced, state and facts alike', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const stale = await store.commit(transfer, facts, 'first', undefined)
      const started = evolveAll(transfer, [uploadStarted])
      await store.commit(started, [uploadStarted], 'second', stale)
      const more: Fact[] = [uploadStarted, verdictRecorded]

      const late = await store.commit(evolveAll(transfer, more), more, 'third', stale)

      expect(late).toBe('conflict')
      const stored = await store.readFacts(transfer.id, 1)
      expect(stored?.transfer).toStrictEqual(started)
      expect(stored?.facts.map(({ sequence, changeId }) => [sequence, changeId])).toEqual([
        [1, 'first'],
        [2, 'second'],
      ])
    })

    test('refuses to replace a transfer that is not there', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()

      expect(await store.commit(transfer, facts, 'first', 'W/"superseded"')).toBe('conflict')
      expect(await store.read(transfer.id)).toBeUndefined()
    })

    test('refuses a version that never was', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      await store.commit(transfer, facts, 'first', undefined)

      const started = evolveAll(transfer, [uploadStarted])

      expect(await store.commit(started, [uploadStarted], 'second', 'W/"superseded"')).toBe('conflict')
      expect((await store.read(transfer.id))?.transfer).toStrictEqual(transfer)
    })

    test('lets exactly one of many commits against the same version through', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const version = await store.commit(transfer, facts, 'first', undefined)
      const started = evolveAll(transfer, [uploadStarted])

      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.commit(started, [uploadStarted], `try ${i}`, version)),
      )

      const winner = answers.findIndex((answer) => answer !== 'conflict')
      expect(answers.filter((answer) => answer !== 'conflict')).toHaveLength(1)
      expect(await store.changeIdAt(transfer.id, 2)).toBe(`try ${winner}`)
    })

    test('saves neither state nor facts when one of the facts is there already', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const version = await store.commit(transfer, facts, 'first', undefined)
      const miscounted = { ...evolveAll(transfer, [uploadStarted]), sequence: 1 }

      const answer = await store.commit(miscounted, [uploadStarted], 'second', version)

      expect(answer).toBe('conflict')
      expect(await store.read(transfer.id)).toStrictEqual({ transfer, version })
      expect(await store.changeIdAt(transfer.id, 1)).toBe('first')
    })

    test('keeps every kind of fact and every state exactly, in order', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized({ recipients: [kari] })
      let now = transfer
      let version = await store.commit(transfer, facts, 'change 1', undefined)

      for (const [index, fact] of wholeLife.entries()) {
        now = evolveAll(now, [fact])
        version = await store.commit(now, [fact], `change ${index + 2}`, version)
        expect(await store.read(transfer.id)).toStrictEqual({ transfer: now, version })
      }

      const stored = await store.readFacts(transfer.id, 1)
      expect(stored?.transfer).toStrictEqual(now)
      const expected = [...facts, ...wholeLife].map((fact, index) => ({
        sequence: index + 1,
        changeId: `change ${index + 1}`,
        fact,
      }))
      expect(stored?.facts).toStrictEqual(expected)
      expect(await all(store.facts(transfer.id))).toStrictEqual(expected)
    })

    test('keeps a failed transfer with the reason, and the file it had', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const reason = 'Malware scan failed: Malicious. Extra details: "æøå"'
      const more: Fact[] = [
        uploadStarted,
        uploadCompleted,
        { type: 'UploadFailed', reason, released: [file.attemptId], at: later(3) },
      ]
      const failed = evolveAll(transfer, more)

      await store.commit(failed, [...facts, ...more], 'all at once', undefined)

      expect((await store.read(transfer.id))?.transfer).toStrictEqual(failed)
      expect(failed).toMatchObject({ status: 'Failed', reason, file })
    })

    test('reads the facts from a number on, those with some numbers, and the ids of their changes', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const version = await store.commit(transfer, facts, 'first', undefined)
      const more: Fact[] = [uploadStarted, verdictRecorded, uploadCompleted]
      const after = evolveAll(transfer, more)
      await store.commit(after, more, 'second', version)

      expect((await store.readFacts(transfer.id, 3))?.facts.map(({ fact }) => fact)).toStrictEqual(more.slice(1))
      expect((await store.readFacts(transfer.id, 9))?.facts).toEqual([])
      const some = await store.readThese(transfer.id, [2, 4])
      expect(some?.transfer).toStrictEqual(after)
      expect(some?.facts.map(({ fact }) => fact)).toStrictEqual([uploadStarted, uploadCompleted])
      expect((await store.readThese(transfer.id, [3]))?.facts).toMatchObject([{ sequence: 3, fact: verdictRecorded }])
      expect(await store.readThese(transfer.id, [4, 5])).toBeUndefined()
      expect(await store.changeIdAt(transfer.id, 1)).toBe('first')
      expect(await store.changeIdAt(transfer.id, 4)).toBe('second')
      expect(await store.changeIdAt(transfer.id, 5)).toBeUndefined()
    })

    test('keeps the order of facts beyond nine and ninety-nine', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      const downloads = Array.from(
        { length: 98 },
        (_, i): Fact => ({
          type: 'DownloadStarted',
          number: i + 1,
          recipient: kari,
          at: later(i),
        }),
      )
      const first = evolveAll(transfer, downloads)
      const version = await store.commit(first, [...facts, ...downloads], 'first', undefined)
      const second = evolveAll(first, downloads)
      await store.commit(second, downloads, 'second', version === 'conflict' ? undefined : version)

      const stored = await store.readFacts(transfer.id, 1)

      expect(stored?.facts.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 197 }, (_, i) => i + 1))
    })

    test('holds 1,000 recipients and ten properties of 3,000 characters, whatever the characters', async () => {
      const store = await makeStore()
      const recipients = Array.from({ length: 1000 }, (_, i) => organization(String(900_000_000 + i)))
      const texts = ['a', 'ø', '"', '\\', '漢', '\n', '👍', ' ', "'", '\u0001']
      const propertyList = Object.fromEntries(
        texts.map((text, i) => [`property ${i} æ`, text.repeat(3000 / text.length)]),
      )
      const { transfer, facts } = initialized({ recipients, propertyList, fileName: 'å/\\#?%.pdf' })

      await store.commit(transfer, facts, 'first', undefined)

      const stored = await store.read(transfer.id)
      expect(stored?.transfer).toStrictEqual(transfer)
      expect(Object.keys(stored?.transfer.recipients ?? {}).filter(parseOrganizationNumber)).toHaveLength(1000)
    })

    test('holds a character of two code units wherever it falls', async () => {
      const store = await makeStore()
      const properties = (padding: number) => ({ padding: ' '.repeat(padding), text: '👍'.repeat(1500) })
      const transfers = [0, 1].map((odd) =>
        initialized({
          propertyList: Object.fromEntries(
            [...Array(12).keys()].flatMap((i) =>
              Object.entries(properties(odd)).map(([key, value]) => [`${key}${i}`, value]),
            ),
          ),
        }),
      )

      for (const { transfer, facts } of transfers) await store.commit(transfer, facts, 'first', undefined)

      for (const { transfer } of transfers) expect((await store.read(transfer.id))?.transfer).toStrictEqual(transfer)
    })

    test('shares nothing with its callers', async () => {
      const store = await makeStore()
      const { transfer, facts } = initialized()
      await store.commit(transfer, facts, 'first', undefined)
      const read = await store.read(transfer.id)
      if (read) read.transfer.propertyList.smuggled = 'in'
      transfer.deadlines.length = 0

      expect((await store.read(transfer.id))?.transfer).toMatchObject({
        propertyList: {},
        deadlines: [{ kind: 'expire', sequence: 1 }],
        createdAt: at,
      })
    })
  })
}

const makeTable = azuriteTables()
fileTransferStoreContract('memory', async () => memoryFileTransferStore())
fileTransferStoreContract('an Azure table', async () => tableFileTransferStore(await makeTable()))
