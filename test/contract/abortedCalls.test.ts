import { randomUUID } from 'node:crypto'
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { azureFileBlobs } from '../../src/adapters/blobs/azureFileBlobs.js'
import { err, ok } from '../../src/domain/result.js'
import { contract } from '../../src/http/contract/contract.js'
import { type Call, serveWith } from '../../src/http/serving/serve.js'
import type { BlobLocation, ByteSource } from '../../src/usecases/ports/blobs.js'
import { countedBytes } from '../../src/usecases/receiving/countedBytes.js'
import { azuriteBlobs } from '../support/azurite.js'
import { startCountingProxy } from '../support/countingProxy.js'
import { owner } from '../support/samples.js'
import { until } from '../support/until.js'
import { startWorker } from '../support/worker.js'

const MIB = 2 ** 20
const SIZE = 64 * MIB
const ABORTS = 100
/** The largest piece in which the storage client hands on a file. */
const A_BUFFER = 256 * 1024
/** More than the sockets on the way take for a client that does not read. */
const ON_THE_WAY = 16 * MIB

const accounts = azuriteBlobs()
const place: BlobLocation = {
  isScanned: false,
  serviceOwner: owner,
  fileTransferId: randomUUID(),
  attemptId: randomUUID(),
}
let worker: Awaited<ReturnType<typeof startWorker>>
let way: Awaited<ReturnType<typeof startCountingProxy>>
let blobs: ReturnType<typeof azureFileBlobs>
let etag: string
beforeAll(async () => {
  worker = await startWorker()
  way = await startCountingProxy(accounts.port())
  const { scanned, unscanned } = accounts(way.port)
  blobs = azureFileBlobs(scanned, unscanned)
  await blobs.provision(owner)
  const limits = { maxBytes: SIZE, expectedBytes: SIZE, accept: () => true }
  async function* file() {
    for (let sent = 0; sent < SIZE; sent += MIB) yield Buffer.alloc(MIB, 'x')
  }
  const written = await blobs.write(place, file(), limits)
  etag = written.outcome === 'stored' ? written.etag : ''
})
afterAll(() => way?.stop())

/** The responses, by invocation. */
const responses = new Map<unknown, ServerResponse>()
subscribe('http.server.request.start', (message) => {
  const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
  responses.set(request.headers['x-ms-invocation-id'], response)
})

/** What became of each source that a function has opened; `lateBytes` were read when its client had left. */
const sources: { readBytes: number; lateBytes: number; endedTimes: number; closedTimes: number }[] = []
const logged: unknown[] = []

/** A source whose reading and closing are seen. */
function watched(source: ByteSource, response: ServerResponse | undefined): ByteSource {
  const seen = { readBytes: 0, lateBytes: 0, endedTimes: 0, closedTimes: 0 }
  sources.push(seen)
  async function* read() {
    for await (const chunk of source.bytes) {
      seen.readBytes += chunk.length
      if (response?.destroyed) seen.lateBytes += chunk.length
      yield chunk
    }
  }
  return countedBytes(
    {
      bytes: read(),
      close() {
        seen.closedTimes++
        source.close()
      },
    },
    () => void seen.endedTimes++,
  )
}

/** The download of the file in this invocation, which takes so long before its answer. */
function download(invocationId: string, takesMs: number) {
  const caller = { organization: owner, vendor: undefined, scopes: ['altinn:broker.read'], claims: {} }
  const serve = serveWith({ verify: async () => ({ caller }), log: (...line) => void logged.push(line) })
  const open = async (_: Call<typeof contract.downloadFile>) => {
    await pause(takesMs)
    const source = await blobs.read(place, etag, undefined)
    if (!source) throw new Error('The file is not there.')
    return ok({ headers: { 'content-length': String(SIZE) }, bytes: watched(source, responses.get(invocationId)) })
  }
  return serve(contract.downloadFile, open)
}

/** A client that asks, reads nothing, and leaves at this moment, or as soon as it has asked. */
async function askAndLeave(invocationId: string, moment: Promise<void>, asked = 'GET / HTTP/1.1', body = '') {
  const { hostname, port } = new URL(worker.url)
  const headers = { host: 'x', ...worker.headersFor(invocationId) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const socket = connect(Number(port), hostname).on('error', () => {})
  await new Promise<void>((sent) => socket.write(`${asked}\r\n${lines.join('')}\r\n${body}`, () => sent()))
  await moment
  socket.destroy()
}

/** The worker has seen that the client is gone. */
const hasLeft = (id: string) => until(() => expect(responses.get(id)?.destroyed).toBe(true), 5)

const request = { headers: { authorization: 'Bearer any' }, params: { fileTransferId: randomUUID() } }

describe('downloads whose clients leave, under the worker of the Functions host', () => {
  test.each([
    ['before, while and after the answer is made', false],
    ['before the function begins', true],
  ])(
    'read at most a buffer of it from then on and leave nothing open: clients that leave %s',
    async (_, isGoneBefore) => {
      sources.length = 0
      const connectionsBefore = way.seen.connections

      for (let begun = 0; begun < ABORTS; begun += 10) {
        const some = Array.from({ length: 10 }, (_, index) => index)
        await Promise.all(
          some.map(async (index) => {
            const id = worker.newInvocationId()
            const left = askAndLeave(id, pause(((begun + index) * 50) / ABORTS))
            if (isGoneBefore) await left.then(() => hasLeft(id))
            await Promise.all([left, worker.invoke(id, download(id, index), request)])
          }),
        )
      }

      expect(sources).toHaveLength(ABORTS)
      expect(sources.filter(({ readBytes, lateBytes }) => lateBytes > A_BUFFER || readBytes > ON_THE_WAY)).toEqual([])
      expect(sources.filter(({ endedTimes, closedTimes }) => endedTimes !== 1 || closedTimes !== 1)).toEqual([])
      await until(() => expect(way.seen.connections).toBeLessThanOrEqual(Math.max(1, connectionsBefore)))
      expect(logged).toEqual([])
    },
    120_000,
  )
})

describe('uploads whose clients leave before they are read, under the worker of the Functions host', () => {
  test.each([
    ['a declared body', 'content-length: 1000000', 'some of it'],
    ['a chunked body', 'transfer-encoding: chunked', '5\r\nhello\r\n'],
    ['a body of which nothing has come', 'transfer-encoding: chunked', ''],
  ])('break off and never look whole: %s', async (_, framing, sent) => {
    const caller = { organization: owner, vendor: undefined, scopes: ['altinn:broker.write'], claims: {} }
    const serve = serveWith({ verify: async () => ({ caller }), log: (...line) => void logged.push(line) })
    const seen: string[] = []
    const begun = Promise.withResolvers<void>()
    const id = worker.newInvocationId()
    const upload = serve(contract.uploadFile, async ({ file }) => {
      begun.resolve()
      await hasLeft(id)
      const ended = await Array.fromAsync(file.body).then(
        () => 'whole',
        () => 'broken off',
      )
      seen.push(ended)
      return err('UploadFailed')
    })

    const leaving = askAndLeave(id, begun.promise, `POST / HTTP/1.1\r\n${framing}`, sent)
    await Promise.all([leaving, worker.invoke(id, upload, request)])

    expect(seen).toEqual(['broken off'])
  })
})
