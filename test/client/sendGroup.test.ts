import { beforeEach, describe, expect, test } from 'vitest'
import {
  brokerClient,
  type FileTransferGroupCreated,
  memoryResumeStore,
  NotAllSent,
  type SendGroupOptions,
  type SendProgress,
  type Sent,
  staticToken,
} from '../../clients/typescript/src/index.js'
import { type FakeBroker, MALWARE, startFakeBroker } from '../support/fakeBroker.js'
import { KARI, md5, OWNER } from '../support/journey.js'

let broker: FakeBroker
beforeEach(async () => {
  broker = await startFakeBroker()
  return () => broker.stop()
})

const named = (name: string, text = name) => new File([text], name, { lastModified: 1_700_000_000_000 })
const shared = { resourceId: 'r', sendersFileTransferReference: 'my-1', sender: OWNER, recipients: [KARI] }

const send = (files: Blob[], options: SendGroupOptions = {}, how: { fetch?: typeof fetch } = {}) =>
  brokerClient({ baseUrl: broker.url, token: staticToken('t'), patience: { tries: 1 }, ...how }).sendGroup(
    files,
    shared,
    options,
  )
const failureOf = async (sending: Promise<unknown>) => {
  const error = await sending.catch((error: unknown) => error)
  if (!(error instanceof NotAllSent)) throw error
  return error
}

/** A store that a test can look into. */
function countedStore() {
  const keys = new Set<string>()
  const store = memoryResumeStore()
  return {
    keys,
    ...store,
    set: (key: string, note: string) => store.set(key, note).then(() => void keys.add(key)),
    delete: (key: string) => store.delete(key).then(() => void keys.delete(key)),
  }
}

describe('sending a group', () => {
  test('brings each file to its own file transfer, and answers in the order of the files', async () => {
    const files = [named('a', 'aaa'), named('b', ''), named('c'), named('d'), named('e')]
    const begun: FileTransferGroupCreated[] = []
    const sent: Sent[] = []
    const progress = new Map<string, SendProgress>()

    const group = await send(files, {
      onInitialized: (group) => begun.push(group),
      onSent: (each) => sent.push(each),
      onProgress: (each) => progress.set(each.fileTransferId, each),
    })

    const ids = broker.groups.idsOf(group.fileTransferGroupId)
    expect(begun).toEqual([{ fileTransferGroupId: group.fileTransferGroupId, fileTransferIds: ids }])
    expect(group.files.map(({ fileTransferId, fileName }) => [fileTransferId, fileName])).toEqual(
      ids.map((id, index) => [id, files[index]?.name]),
    )
    expect(group.files[0]).toMatchObject({ status: 'Published', sizeBytes: 3, md5: md5(Buffer.from('aaa')) })
    expect(sent).toEqual(group.files)
    expect(ids.map((id) => progress.get(id)?.sentBytes)).toEqual(files.map(({ size }) => size))
    expect(broker.groups.initialized.map(({ request }) => request)).toEqual([
      {
        ...shared,
        sender: `0192:${OWNER}`,
        recipients: [`0192:${KARI}`],
        files: files.map(({ name }) => ({ fileName: name })),
      },
    ])
  })

  test('promises the MD5 of each file, if it is to', async () => {
    await send([named('a'), named('b')], { md5: 'promise' })

    expect(broker.groups.initialized[0]?.request.files).toEqual(
      ['a', 'b'].map((name) => ({ fileName: name, checksum: md5(Buffer.from(name)) })),
    )
  })

  test('goes on after files that fail, and says which', async () => {
    broker.groups.refusals.set('c', 400)

    const error = await failureOf(send([named('a'), named('b', MALWARE), named('c'), named('d')]))

    const [a, b, c, d] = broker.groups.idsOf(error.fileTransferGroupId)
    expect(error.message).toBe('2 of 4 files of the group were not sent')
    expect(error.files.map(({ fileTransferId }) => fileTransferId)).toEqual([a, d])
    expect(error.failures).toMatchObject([
      { fileTransferId: b, fileName: 'b', error: { name: 'TransferEnded', status: 'Failed', reason: 'Malware' } },
      { fileTransferId: c, fileName: 'c', error: { name: 'BrokerProblem', status: 400 } },
    ])
    expect(error.notTried).toBe(0)
  })

  test('begins no more files when the sender is refused', async () => {
    broker.groups.refusals.set('a', 403)

    const error = await failureOf(send(['a', 'b', 'c', 'd', 'e'].map((name) => named(name))))

    expect(error.failures.map(({ fileName }) => fileName)).toEqual(['a'])
    expect(error.notTried).toBeGreaterThan(0)
    expect(broker.groups.uploaded).not.toContain('e')
  })

  test('initializes nothing when a file has no name', async () => {
    await expect(send([named('a'), new Blob(['b'])])).rejects.toThrow(TypeError)
    expect(broker.groups.initialized).toEqual([])
  })
})

describe('sending the same group again', () => {
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) => named(name))

  test('goes on with the same group after an interruption, and uploads what is left', async () => {
    const resume = countedStore()
    const stop = new AbortController()
    const reason = new Error('enough')
    const first = failureOf(send(files, { resume, signal: stop.signal, onSent: () => stop.abort(reason) }))
    const { fileTransferGroupId, failures, files: sent } = await first

    const group = await send(files, { resume })

    expect(sent.length).toBeGreaterThan(0)
    expect(failures.map(({ error }) => error)).toEqual(failures.map(() => reason))
    expect(group.fileTransferGroupId).toBe(fileTransferGroupId)
    expect(group.files.map(({ fileTransferId }) => fileTransferId)).toEqual(broker.groups.idsOf(fileTransferGroupId))
    expect(broker.groups.initialized).toHaveLength(1)
    for (const { fileName } of sent) expect(broker.groups.uploaded.filter((name) => name === fileName)).toHaveLength(1)
    expect(resume.keys).toEqual(new Set())
  })

  test('sends one that was refused for a while, and no other', async () => {
    const resume = countedStore()
    broker.groups.refusals.set('b', 503)
    const { fileTransferGroupId } = await failureOf(send(files, { resume }))
    broker.groups.refusals.clear()
    broker.groups.uploaded.length = 0

    const group = await send(files, { resume })

    expect([group.fileTransferGroupId, broker.groups.uploaded]).toEqual([fileTransferGroupId, ['b']])
  })

  test('initializes no second group when the answer was lost', async () => {
    const resume = countedStore()
    const fetchAndLose: typeof fetch = async (...call) => {
      await fetch(...call)
      throw new TypeError('fetch failed')
    }
    await expect(send(files, { resume }, { fetch: fetchAndLose })).rejects.toMatchObject({ name: 'BrokenConnection' })

    const { fileTransferGroupId } = await send(files, { resume })

    expect(broker.groups.initialized.map(({ id }) => id)).toEqual([fileTransferGroupId, fileTransferGroupId])
  })

  test.each([
    ['that was sent', files],
    ['in which a file has ended, since it can never be sent', [named('a'), named('b', MALWARE)]],
  ])('begins another after one %s', async (_, files) => {
    const resume = countedStore()
    await send(files, { resume }).catch(() => undefined)
    expect(resume.keys).toEqual(new Set())

    await send(files, { resume }).catch(() => undefined)

    const [first, second] = broker.groups.initialized
    expect(second?.id).not.toBe(first?.id)
  })

  test('says which file was cancelled meanwhile, and sends the others', async () => {
    const resume = countedStore()
    const fails: typeof fetch = async (...call) => {
      if (String(call[0]).endsWith('/upload')) throw new TypeError('fetch failed')
      return fetch(...call)
    }
    const { fileTransferGroupId } = await failureOf(send(files, { resume }, { fetch: fails }))
    const [, b = ''] = broker.groups.idsOf(fileTransferGroupId)
    broker.change(b, { status: 'Cancelled' })

    const again = await failureOf(send(files, { resume }))

    expect(again.fileTransferGroupId).toBe(fileTransferGroupId)
    expect(again.failures).toMatchObject([{ fileTransferId: b, error: { status: 'Cancelled' } }])
    expect(again.files).toHaveLength(4)
  })

  test('begins another where Broker does not know the group any more', async () => {
    const gone = { fileTransferGroupId: 'gone', fileTransferIds: files.map(({ name }) => name) }
    const resume = { ...memoryResumeStore(), get: async () => JSON.stringify({ idempotencyKey: 'k', group: gone }) }

    const { files: sent } = await send(files, { resume })

    expect([sent.length, broker.groups.initialized.length]).toEqual([5, 1])
    expect(broker.groups.initialized[0]?.key).not.toBe('k')
  })

  test('keeps no note of what Broker refuses', async () => {
    const resume = countedStore()
    const refuses: typeof fetch = async () => Response.json({ detail: 'no' }, { status: 400 })

    await expect(send(files, { resume }, { fetch: refuses })).rejects.toMatchObject({ status: 400 })
    expect(resume.keys).toEqual(new Set())
  })
})
