import { randomBytes } from 'node:crypto'
import { openAsBlob, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  blobSource,
  brokerClient,
  memoryResumeStore,
  type SendOptions,
  type Source,
  staticToken,
  TransferEnded,
  WrongBytes,
} from '../../clients/typescript/src/index.js'
import { clientOf, sending } from '../support/clientOf.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { bytesOf, KARI, md5, OWNER, ownJourney } from '../support/journey.js'
import { IN_PARTS, LARGE, namedFile } from '../support/largeFiles.js'

const MIB = 2 ** 20

const journey = await ownJourney()
const way = await startFaultyProxy(journey.stack.ports.app)
afterAll(() => way.stop())

async function expectFile(id: string, bytes: Buffer) {
  const file = Buffer.from(await bytesOf(await journey.download(KARI, id)))
  expect(file.equals(bytes)).toBe(true)
}

/** The file transfers with this reference. */
const transfersOf = async (reference: string) => {
  const client = clientOf(journey)
  const ids = await Array.fromAsync(client.searchFileTransfers({ resourceId: sending.resourceId, role: 'Sender' }))
  const all = await Promise.all(ids.map((id) => client.getFileTransfer(id)))
  return all.filter((each) => each.sendersFileTransferReference === reference).map((each) => each.fileTransferId)
}

describe('sending a file', () => {
  test.each([
    ['an empty one', 0, {}],
    ['a small one', 1000, {}],
    ['one as large as one request may be', MIB, { oneShotBytes: MIB }],
    ['one a byte larger', MIB + 1, { oneShotBytes: MIB }],
    ['a large one, in one part', LARGE, { ...IN_PARTS, parallel: 1 }],
    ['a large one, in four parts', LARGE, IN_PARTS],
  ])('brings %s to its recipients', async (_, size, options) => {
    const bytes = randomBytes(size)
    const reported: number[] = []
    const onProgress: SendOptions['onProgress'] = ({ sentBytes, totalBytes }) => {
      expect(totalBytes).toBe(size)
      reported.push(sentBytes)
    }

    const sent = await clientOf(journey).send(new Blob([new Uint8Array(bytes)]), sending, { ...options, onProgress })

    expect(sent).toMatchObject({ status: 'Published', sizeBytes: size, md5: md5(bytes), fileName: sending.fileName })
    expect(reported.at(-1)).toBe(size)
    expect(reported).toEqual(reported.toSorted((one, other) => one - other))
    await expectFile(sent.fileTransferId, bytes)
  })

  test.each([1000, LARGE])('leaves no answer unread, which would hold its connection: %i bytes', async (size) => {
    const answers: Response[] = []
    const client = brokerClient({
      baseUrl: journey.stack.urls.app,
      token: () => journey.token(OWNER, 'altinn:broker.write'),
      fetch: async (...call) => {
        const answer = await fetch(...call)
        answers.push(answer)
        return answer
      },
    })

    await client.send(new Blob([randomBytes(size)]), sending, IN_PARTS)

    const unread = answers.filter(({ body, bodyUsed }) => body !== null && !bodyUsed)
    expect(unread.map(({ url }) => url)).toEqual([])
  })

  test('takes the name of a file that has one', async () => {
    const { fileName: _, ...unnamed } = sending

    const sent = await clientOf(journey).send(namedFile(randomBytes(10), 'regnskap.txt'), unnamed)

    expect(sent.fileName).toBe('regnskap.txt')
  })

  test('ends when Broker has all bytes, if no more is asked for', async () => {
    const sent = await clientOf(journey).send(namedFile(randomBytes(10)), sending, { until: 'uploaded', md5: 'off' })

    expect(['UploadProcessing', 'Published']).toContain(sent.status)
    expect(sent.md5).toBeUndefined()
  })

  test('promises an MD5 that Broker holds it to', async () => {
    const changing = blobSource(namedFile(randomBytes(100)))
    let reads = 0
    const source: Source = { ...changing, read: async () => new Uint8Array(100).fill(reads++) }

    await expect(clientOf(journey).send(source, sending, { md5: 'promise' })).rejects.toMatchObject({
      name: 'BrokerProblem',
      code: 'BRO-00009',
    })
  })

  test('finds out that a file changed while it was sent', async () => {
    const source: Source = {
      ...blobSource(namedFile(randomBytes(100))),
      read: async () => new Uint8Array(randomBytes(100)),
    }

    await expect(clientOf(journey).send(source, sending)).rejects.toBeInstanceOf(WrongBytes)
  })

  test('ends when the file is gone or another while it is sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sending-'))
    const path = join(folder, 'a.bin')
    await writeFile(path, randomBytes(LARGE))
    const onProgress: SendOptions['onProgress'] = ({ sentBytes }) => {
      if (sentBytes >= MIB) writeFileSync(path, 'another')
    }

    const sent = clientOf(journey).send(await openAsBlob(path), sending, { ...IN_PARTS, md5: 'off', onProgress })

    await expect(sent).rejects.toMatchObject({ name: 'NotReadableError' })
    await rm(folder, { recursive: true })
  })

  test('compares with the MD5 of the source, if it has one', async () => {
    const bytes = randomBytes(100)
    const source = { ...blobSource(namedFile(bytes)), md5: async () => md5(Buffer.from('another')) }

    await expect(clientOf(journey).send(source, sending)).rejects.toBeInstanceOf(WrongBytes)
  })

  test('reports that malware was found', async () => {
    const eicar = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'

    await expect(clientOf(journey).send(new Blob([eicar]), sending)).rejects.toBeInstanceOf(TransferEnded)
  })

  test.each([
    ['in one part', { ...IN_PARTS, parallel: 1 }],
    ['in four parts', IN_PARTS],
  ])('resumes after broken connections, %s', async (_, options) => {
    const bytes = randomBytes(LARGE)
    const breaks = [2, 4, 7].map((mib) => mib * MIB)
    const onProgress: SendOptions['onProgress'] = ({ sentBytes }) => {
      if (sentBytes < (breaks[0] ?? Number.POSITIVE_INFINITY)) return
      breaks.shift()
      way.have('refuses')
      way.have('none')
    }

    const client = clientOf(journey, undefined, way.port)
    const sent = await client.send(new Blob([new Uint8Array(bytes)]), sending, { ...options, onProgress })

    expect(breaks).toEqual([])
    await expectFile(sent.fileTransferId, bytes)
  })

  test.each([429, 503])('waits for Retry-After when the answer is %i', async (status) => {
    way.have({ status, retryAfterSeconds: 1 })
    const begun = performance.now()
    const isOver = setTimeout(() => way.have('none'), 500)

    await clientOf(journey, undefined, way.port).send(namedFile(randomBytes(10)), sending)

    clearTimeout(isOver)
    expect(performance.now() - begun).toBeGreaterThan(900)
  })

  test('gives up when nobody answers for long', async () => {
    way.have('refuses')

    const client = clientOf(journey, undefined, way.port, { tries: 3, firstMs: 10 })
    const sent = client.send(namedFile(randomBytes(10)), sending)

    await expect(sent).rejects.toMatchObject({ name: 'BrokenConnection' })
    way.have('none')
  })

  test('never gives up where it is told not to, and hears when the network is back', async () => {
    const heard: string[] = []
    const wait = async (_: number, error: unknown) => {
      heard.push((error as Error).name)
      if (heard.length === 3) way.have('none')
    }
    way.have('refuses')

    const client = clientOf(journey, undefined, way.port, { tries: 2, firstMs: 60_000 })
    const patience = { tries: Number.POSITIVE_INFINITY, wait, onRecovered: () => heard.push('recovered') }
    const sent = await client.send(namedFile(randomBytes(10)), sending, { patience })

    expect(sent.status).toBe('Published')
    expect(heard).toEqual(['BrokenConnection', 'BrokenConnection', 'BrokenConnection', 'recovered'])
  })

  test('stops immediately when it is aborted, and resumes there when it is sent again', async () => {
    const bytes = randomBytes(LARGE)
    const file = namedFile(bytes)
    const mine = { ...sending, sendersFileTransferReference: 'aborted' }
    const resume = memoryResumeStore()
    const stop = new AbortController()
    const reason = new Error('enough')
    const onProgress: SendOptions['onProgress'] = ({ sentBytes }) => {
      if (sentBytes >= 4 * MIB) stop.abort(reason)
    }
    const first = clientOf(journey).send(file, mine, { ...IN_PARTS, resume, signal: stop.signal, onProgress })
    await expect(first).rejects.toBe(reason)

    const source = blobSource(file)
    let readBytes = 0
    const counted: Source = {
      ...source,
      read: (start, end) => {
        readBytes += end - start
        return source.read(start, end)
      },
    }
    const reported: number[] = []
    const options: SendOptions = {
      ...IN_PARTS,
      resume,
      md5: 'off',
      onProgress: ({ sentBytes }) => reported.push(sentBytes),
    }
    const sent = await clientOf(journey).send(counted, mine, options)

    expect(readBytes).toBeLessThanOrEqual(bytes.length - 4 * MIB)
    expect(reported[0]).toBeGreaterThanOrEqual(4 * MIB)
    expect(await transfersOf('aborted')).toEqual([sent.fileTransferId])
    await expectFile(sent.fileTransferId, bytes)
  })

  test('keeps no note of what Broker refuses', async () => {
    const notes: string[] = []
    const resume = { ...memoryResumeStore(), set: async (key: string) => void notes.push(key) }
    const forgotten = { ...resume, delete: async (key: string) => void notes.splice(notes.indexOf(key), 1) }
    const refused = { ...sending, sendersFileTransferReference: '' }

    const sent = clientOf(journey).send(namedFile(randomBytes(10)), refused, { resume: forgotten })

    await expect(sent).rejects.toMatchObject({ status: 400 })
    expect(notes).toEqual([])
  })

  test('is not sent anew when it was cancelled meanwhile, unless it is sent once more', async () => {
    const bytes = randomBytes(5 * MIB)
    const file = namedFile(bytes)
    const mine = { ...sending, sendersFileTransferReference: 'called off' }
    const resume = memoryResumeStore()
    const stop = new AbortController()
    const begun = { id: '' }
    const options = { ...IN_PARTS, resume }
    const first = clientOf(journey).send(file, mine, {
      ...options,
      signal: stop.signal,
      onProgress: ({ fileTransferId }) => {
        begun.id = fileTransferId
        stop.abort()
      },
    })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    await clientOf(journey).cancelFileTransfer(begun.id)

    const again = clientOf(journey).send(file, mine, options)

    await expect(again).rejects.toMatchObject({ fileTransferId: begun.id, status: 'Cancelled' })
    expect(await transfersOf('called off')).toEqual([begun.id])
    const sent = await clientOf(journey).send(file, mine, options)
    expect(sent.fileTransferId).not.toBe(begun.id)
    await expectFile(sent.fileTransferId, bytes)
  })

  test('is not sent anew when it was withdrawn before its end was heard of', async () => {
    const file = namedFile(randomBytes(1000), 'withdrawn.bin')
    const mine = { ...sending, sendersFileTransferReference: 'withdrawn' }
    const resume = memoryResumeStore()
    const deaf = { ...resume, delete: () => Promise.reject(new Error('ended here')) }
    await expect(clientOf(journey).send(file, mine, { resume: deaf })).rejects.toThrow('ended here')
    const [id = ''] = await transfersOf('withdrawn')
    await clientOf(journey).cancelFileTransfer(id, { reason: 'Feil fil' })

    const again = clientOf(journey).send(file, mine, { resume })

    await expect(again).rejects.toEqual(new TransferEnded(id, 'Cancelled', 'Feil fil'))
    expect(await transfersOf('withdrawn')).toEqual([id])
  })

  test('is not sent twice when only its end was not heard of', async () => {
    const file = namedFile(randomBytes(1000), 'heard.bin')
    const mine = { ...sending, sendersFileTransferReference: 'heard of' }
    const resume = memoryResumeStore()
    const deaf = { ...resume, delete: () => Promise.reject(new Error('ended here')) }
    await expect(clientOf(journey).send(file, mine, { resume: deaf })).rejects.toThrow('ended here')

    const sent = await clientOf(journey).send(file, mine, { resume })

    expect(sent.status).toBe('Published')
    expect(await transfersOf('heard of')).toEqual([sent.fileTransferId])
  })

  test('is not sent twice when Broker has deleted it since: it was published', async () => {
    const overview = { fileTransferStatus: 'Purged', published: '2026-11-28T12:00:00Z', recipients: [], checksum: '' }
    const calls: string[] = []
    const answer: typeof fetch = async (url, { method } = {}) => {
      calls.push(`${method} ${new URL(String(url)).pathname.split('/').at(-1)}`)
      return Response.json(overview)
    }
    const note = JSON.stringify({ idempotencyKey: 'k', fileTransferId: 'sent-before' })
    const resume = { ...memoryResumeStore(), get: async () => note }
    const client = brokerClient({ baseUrl: 'http://broker', token: staticToken('t'), fetch: answer })

    const sent = await client.send(namedFile(randomBytes(10)), sending, { resume })

    expect(sent).toMatchObject({ fileTransferId: 'sent-before', status: 'Purged' })
    expect(new Set(calls)).toEqual(new Set(['GET sent-before']))
  })

  test('reads no more of a file that cannot be sent', async () => {
    const gate = Promise.withResolvers<void>()
    let reads = 0
    const read: Source['read'] = async (start, end) => {
      reads += 1
      await gate.promise
      return new Uint8Array(end - start)
    }
    const source = { ...blobSource(namedFile(Buffer.alloc(1))), sizeBytes: 64 * MIB, read }
    const begun = await journey.initialize()
    const note = JSON.stringify({
      idempotencyKey: 'k',
      fileTransferId: begun,
      parts: [{ path: '/gone', start: 0, end: 1 }],
    })
    const resume = { ...memoryResumeStore(), get: async () => note, set: () => Promise.resolve() }
    const client = clientOf(journey, KARI)

    await expect(client.send(source, sending, { ...IN_PARTS, resume })).rejects.toMatchObject({
      status: 401,
    })

    gate.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(reads).toBeLessThanOrEqual(1)
  })

  test('outlives the death of the app', async () => {
    const bytes = randomBytes(LARGE)
    let restarted: Promise<void> | undefined
    const restart = async () => {
      await journey.stack.killApp()
      await journey.stack.startApp()
    }
    const onProgress: SendOptions['onProgress'] = ({ sentBytes }) => {
      if (sentBytes >= 3 * MIB) restarted ??= restart()
    }

    // The dead instance holds its uploads for 30 s more.
    const patience = { tries: 100, firstMs: 200, longestMs: 3000 }
    const client = clientOf(journey, undefined, undefined, patience)
    const sent = await client.send(new Blob([new Uint8Array(bytes)]), sending, { ...IN_PARTS, onProgress })

    expect(restarted).toBeDefined()
    await expectFile(sent.fileTransferId, bytes)
  })
})
