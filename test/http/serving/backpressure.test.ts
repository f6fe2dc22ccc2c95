import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { streamWithBackpressure, takeResponse } from '../../../src/http/serving/backpressure.js'
import { generated } from '../../../src/http/serving/reply.js'
import type { ByteSource } from '../../../src/usecases/ports/blobs.js'
import { until } from '../../support/until.js'

const CHUNK = Buffer.alloc(64 * 1024, 'x')
const CHUNKS = 4096 // 256 MiB, far more than sockets hold
const FEW = CHUNKS / 4

/** A source of chunks that tells how many it made, whether reading it was ended, and how often it was closed. */
function counted(chunks = CHUNKS, failure?: Error) {
  const seen = { made: 0, ended: false, closed: 0 }
  async function* bytes() {
    try {
      for (; seen.made < chunks; seen.made++) yield CHUNK
      if (failure) throw failure
    } finally {
      seen.ended = true
    }
  }
  return { seen, source: { bytes: bytes(), close: () => void seen.closed++ } }
}

const failures: unknown[] = []
const paced = (source: ByteSource, response: ServerResponse | undefined) =>
  streamWithBackpressure(source, response, (error) => failures.push(error))

let server: Server
let response: ServerResponse | undefined
let serving: (invocationId: string) => AsyncIterable<Uint8Array>

// As the library does it: every chunk is written without waiting for the socket.
beforeEach(async () => {
  failures.length = 0
  response = undefined
  server = createServer(async (request, answer) => {
    response = answer
    for await (const chunk of serving(String(request.headers['x-ms-invocation-id']))) answer.write(chunk)
    answer.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

/** A client that asks and reads nothing until it is told to. */
function stalledClient(invocationId: string) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-ms-invocation-id: ${invocationId}\r\n\r\n`)
  return socket
}

const isStalled = () => until(() => expect(response?.writableNeedDrain).toBe(true))

/** A request that has come in, and that no function has been called for yet. */
async function asked(invocationId: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  serving = () => new ReadableStream({ pull: (controller) => promise.then(() => controller.close()) })
  const client = stalledClient(invocationId)
  await until(() => expect(response).toBeDefined())
  return { client, answer: resolve, closed: once(response as ServerResponse, 'close') }
}

describe('an answer to a client that reads slowly', () => {
  test('is made no faster than the client takes it', async () => {
    const { seen, source } = counted()
    serving = (id) => paced(source, takeResponse(id))
    stalledClient('slow')

    await isStalled()

    expect(seen.made).toBeLessThan(FEW)
    expect(seen.ended).toBe(false)
  })

  test('goes on when the client reads again, is whole, and closes its source once', async () => {
    const chunks = 512
    const { seen, source } = counted(chunks)
    serving = (id) => paced(source, takeResponse(id))
    const client = stalledClient('later')
    await isStalled()
    let received = 0
    const end = new Promise((resolve) => client.once('end', resolve))

    client.on('data', (data) => {
      received += data.length
    })
    await end

    expect(seen).toEqual({ made: chunks, ended: true, closed: 1 })
    expect(received).toBeGreaterThan(chunks * CHUNK.length)
  })
})

describe('the source of an answer to a client that goes away', () => {
  test('is closed half-way', async () => {
    const { seen, source } = counted()
    serving = (id) => paced(source, takeResponse(id))
    const client = stalledClient('gone')
    await isStalled()

    client.destroy()

    await until(() => expect(seen).toMatchObject({ ended: true, closed: 1 }))
    expect(seen.made).toBeLessThan(FEW)
    expect(failures).toEqual([])
  })

  test('is closed although nobody ever reads the answer', async () => {
    const { seen, source } = counted()
    const { client, answer, closed } = await asked('unread')
    paced(source, takeResponse('unread'))

    client.destroy()
    await closed
    answer()

    expect(seen).toMatchObject({ made: 0, closed: 1 })
  })

  test('is closed when the client has left while the answer was made', async () => {
    const { seen, source } = counted()
    const { client, answer, closed } = await asked('left while it was made')
    const taken = takeResponse('left while it was made')
    client.destroy()
    await closed

    const read = await Array.fromAsync(paced(source, taken))
    answer()

    expect(read).toEqual([])
    expect(seen).toMatchObject({ made: 0, closed: 1 })
  })

  test('is closed while it is waited for, and the failure that follows is not reported', async () => {
    const { promise: broken, reject: breakOff } = Promise.withResolvers<Uint8Array>()
    const seen = { asked: 0, closed: 0 }
    const source = {
      bytes: (async function* () {
        seen.asked++
        yield await broken
      })(),
      close: () => {
        seen.closed++
        breakOff(new Error('The stream was closed.'))
      },
    }
    serving = (id) => paced(source, takeResponse(id))
    const client = stalledClient('gone while waiting')
    await until(() => expect(seen.asked).toBe(1))

    client.destroy()

    await until(() => expect(seen.closed).toBe(1))
    await expect(broken).rejects.toThrow()
    expect(failures).toEqual([])
  })

  test('is closed when the client has left before the function began', async () => {
    const { seen, source } = counted()
    const { client, answer, closed } = await asked('left before')
    client.destroy()
    await closed

    const read = await Array.fromAsync(paced(source, takeResponse('left before')))
    answer()

    expect(read).toEqual([])
    expect(seen).toMatchObject({ made: 0, closed: 1 })
  })
})

describe('the response of an invocation', () => {
  test('is taken once', async () => {
    const { client, answer } = await asked('once')

    expect(takeResponse('once')).toBe(response)
    expect(takeResponse('once')).toBeUndefined()

    client.destroy()
    answer()
  })
})

describe('an answer that no request of this process is known for', () => {
  test('is passed on as it is, and closes its source at its end', async () => {
    const { seen, source } = counted(3)

    expect(await Array.fromAsync(paced(source, takeResponse('unknown')))).toEqual([CHUNK, CHUNK, CHUNK])
    expect(seen).toEqual({ made: 3, ended: true, closed: 1 })
  })

  test.each([0, 1, 2])('closes its source when it is cancelled after %d chunks', async (chunks) => {
    const { seen, source } = counted()
    const reader = paced(source, undefined).getReader()
    for (let i = 0; i < chunks; i++) await reader.read()

    await reader.cancel()

    expect(seen).toMatchObject({ made: Math.max(0, chunks - 1), closed: 1 })
  })

  test('ends early when its source fails, which is reported and closed once', async () => {
    const failure = new Error('The store is gone.')
    const { seen, source } = counted(2, failure)

    expect(await Array.fromAsync(paced(source, undefined))).toEqual([CHUNK, CHUNK])
    expect(seen.closed).toBe(1)
    expect(failures).toEqual([failure])
  })
})

describe('generated bytes', () => {
  test('end when they are closed, begun or not', async () => {
    const { source } = counted()
    const other = counted().source
    await other.bytes.next()

    generated(source.bytes).close()
    generated(other.bytes).close()

    expect([(await source.bytes.next()).done, (await other.bytes.next()).done]).toEqual([true, true])
  })
})

describe('the check that a source is paced', () => {
  test('would see one that is not', async () => {
    const { seen, source } = counted(FEW)
    serving = () => source.bytes

    stalledClient('unpaced')

    await until(() => expect(seen.made).toBe(FEW))
  })
})
