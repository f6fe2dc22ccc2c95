import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  blobSink,
  brokerClient,
  type ReceiveOptions,
  staticToken,
  streamSink,
  WrongBytes,
} from '../../clients/typescript/src/index.js'
import { fileSink } from '../../clients/typescript/src/node.js'
import { clientOf } from '../support/clientOf.js'
import { startFaultyProxy } from '../support/faultyProxy.js'
import { chunked, KARI, md5, sharedJourney } from '../support/journey.js'
import { countingSink } from '../support/largeFiles.js'

const MIB = 2 ** 20
const bytes = randomBytes(20 * MIB + 7)

let folder: string
const journey = await sharedJourney()
const proxy = await startFaultyProxy(journey.stack.ports.app)
const id = await journey.sent(chunked(bytes))
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'receive-test-'))
  return () => rm(folder, { recursive: true })
})
afterAll(() => proxy.stop())

const kari = (port?: number) => clientOf(journey, KARI, port)
const files = () => readdir(folder)

describe('receiving a file', () => {
  test('gives it as it was sent, and its name, size and digests', async () => {
    const reported: number[] = []
    const sink = blobSink()

    const received = await kari().receive(id, sink, {
      onProgress: ({ receivedBytes }) => void reported.push(receivedBytes),
    })

    expect(received).toEqual({
      fileTransferId: id,
      fileName: 'søknad æøå.pdf',
      sizeBytes: bytes.length,
      md5: md5(bytes),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      isVerified: true,
    })
    expect(Buffer.from(await sink.blob().arrayBuffer()).equals(bytes)).toBe(true)
    expect(reported.at(-1)).toBe(bytes.length)
  })

  test('of no bytes gives an empty one, and can be confirmed', async () => {
    const empty = await journey.sent(new Uint8Array(0))

    const received = await kari().receive(empty, fileSink(join(folder, 'empty')), { confirm: true })

    expect(received.sizeBytes).toBe(0)
    expect(await readFile(join(folder, 'empty'), 'utf8')).toBe('')
    const { recipients } = await kari().getFileTransfer(empty)
    expect(recipients.map((each) => each.currentRecipientFileTransferStatusCode)).toContain('DownloadConfirmed')
  })

  test('resumes after broken connections', async () => {
    const breaks = [1, 6, 15].map((mib) => mib * MIB)
    const onProgress: ReceiveOptions['onProgress'] = ({ receivedBytes }) => {
      if (receivedBytes < (breaks[0] ?? Number.POSITIVE_INFINITY)) return
      breaks.shift()
      proxy.have('refuses')
      proxy.have('none')
    }

    const received = await kari(proxy.port).receive(id, fileSink(join(folder, 'a')), { onProgress })

    expect(breaks).toEqual([])
    expect(received.isVerified).toBe(true)
    expect((await readFile(join(folder, 'a'))).equals(bytes)).toBe(true)
    expect(await files()).toEqual(['a'])
  })

  test('resumes where it was aborted', async () => {
    const stop = new AbortController()
    const first = kari().receive(id, fileSink(join(folder, 'a')), {
      signal: stop.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 9 * MIB && stop.abort(),
    })
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    const [part = ''] = await files()
    const before = (await readFile(join(folder, part))).length

    const sink = fileSink(join(folder, 'a'))
    const counting = countingSink(sink)
    await kari().receive(id, counting.sink)

    expect(before).toBeGreaterThan(8 * MIB)
    expect(counting.written()).toBe(bytes.length - before)
    expect((await readFile(join(folder, 'a'))).equals(bytes)).toBe(true)
    expect(await files()).toEqual(['a'])
  })

  /** A client of a Broker whose downloads break half-way, of one file after the other. */
  function brokenDownloads(etags: string[], file: Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) {
    const asked: (string | null)[][] = []
    const answer = async (input: string | URL | Request, init?: RequestInit) => {
      if (!String(input).endsWith('/download')) {
        return Response.json({ fileName: 'a', fileTransferSize: file.length, checksum: md5(file) })
      }
      const headers = new Headers(init?.headers)
      asked.push([headers.get('range'), headers.get('if-range')])
      const start = Number(/\d+/.exec(headers.get('range') ?? '0')?.[0])
      const rest = file.subarray(start, asked.length < etags.length ? start + 2 : file.length)
      const status = start > 0 ? 206 : 200
      return new Response(rest, { status, headers: { etag: etags[asked.length - 1] ?? '', ...more } })
    }
    const patience = { tries: 5, firstMs: 1, longestMs: 1 }
    return {
      asked,
      client: brokerClient({ baseUrl: 'http://broker', token: staticToken('t'), fetch: answer, patience }),
    }
  }

  test('resumes only the same file', async () => {
    const { asked, client } = brokenDownloads(['"1"', '"1"', '"1"'], Buffer.from('0123456'))
    const sink = blobSink()

    await client.receive('id', sink)

    expect(await sink.blob().text()).toBe('0123456')
    expect(asked).toEqual([
      [null, null],
      ['bytes=2-', '"1"'],
      ['bytes=4-', '"1"'],
    ])
  })

  test('into a stream closes it when the file is right, and aborts it when it is not', async () => {
    const written: Uint8Array[] = []
    const endings: string[] = []
    const stream = () =>
      new WritableStream<Uint8Array<ArrayBuffer>>({
        write: (part) => void written.push(part),
        close: () => void endings.push('closed'),
        abort: (reason) => void endings.push(`aborted: ${reason}`),
      })

    await kari().receive(id, streamSink(stream()))
    expect(Buffer.concat(written).equals(bytes)).toBe(true)
    expect(endings).toEqual(['closed'])

    const { client } = brokenDownloads(['"1"', '"2"', '"2"'], Buffer.from('0123456'))
    await expect(client.receive('id', streamSink(stream()))).rejects.toBeInstanceOf(WrongBytes)
    expect(endings).toEqual(['closed', 'aborted: wrong'])
  })

  test('into a stream that cannot be written, such as on a full disk, says so', async () => {
    const full = new Error('The disk is full')
    const stream = new WritableStream<Uint8Array<ArrayBuffer>>({ write: () => Promise.reject(full) })

    await expect(kari().receive(id, streamSink(stream))).rejects.toBe(full)
  })

  test('does not name a file by a weak tag, which a gateway may have made of it', async () => {
    const { asked, client } = brokenDownloads(['W/"1"', 'W/"1"'], Buffer.from('0123'))

    await client.receive('id', blobSink())

    expect(asked).toEqual([
      [null, null],
      ['bytes=2-', null],
    ])
  })

  test('keeps nothing when the file is another one half-way', async () => {
    const { client } = brokenDownloads(['"1"', '"2"', '"2"'], Buffer.from('0123456'))

    await expect(client.receive('id', fileSink(join(folder, 'a')))).rejects.toBeInstanceOf(WrongBytes)

    expect(await files()).toEqual([])
  })

  test('refuses a file that has another SHA-256 than its Repr-Digest says', async () => {
    const digest = (text: string) => createHash('sha256').update(text).digest('base64')
    const receiving = (header: string) => {
      const { client } = brokenDownloads(['"1"', '"1"'], Buffer.from('0123'), { 'repr-digest': header })
      return client.receive('id', blobSink())
    }

    await expect(receiving(`sha-512=:AAAA:, sha-256=:${digest('other')}:`)).rejects.toThrow('SHA-256')
    await expect(receiving(`sha-256=:${digest('other')}:`)).rejects.toBeInstanceOf(WrongBytes)
    expect(await receiving(`sha-256=:${digest('0123')}:`)).toMatchObject({ isVerified: true })
    expect(await receiving('sha-256=not a byte sequence')).toMatchObject({ md5: md5(Buffer.from('0123')) })
  })

  test('keeps nothing that is not the file that was sent, and confirms nothing', async () => {
    await writeFile(join(folder, `a.${id}.part`), randomBytes(MIB))

    const received = kari().receive(id, fileSink(join(folder, 'a')), { confirm: true })

    await expect(received).rejects.toBeInstanceOf(WrongBytes)
    expect(await files()).toEqual([])
    const { recipients } = await kari().getFileTransfer(id)
    expect(recipients.map((each) => each.currentRecipientFileTransferStatusCode)).not.toContain('DownloadConfirmed')
  })
})
