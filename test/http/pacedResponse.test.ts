import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { paced } from '../../src/http/pacedResponse.js'

const CHUNK = Buffer.alloc(64 * 1024, 'x')
const CHUNKS = 4096 // 256 MiB, far more than sockets hold
const FEW = CHUNKS / 4

/** A source of chunks that tells how many it made and whether it was ended. */
function counted(chunks = CHUNKS) {
  const seen = { made: 0, ended: false }
  async function* source() {
    try {
      for (; seen.made < chunks; seen.made++) yield CHUNK
    } finally {
      seen.ended = true
    }
  }
  return { seen, source: source() }
}

let server: Server
let response: ServerResponse | undefined
let serving: AsyncIterable<Uint8Array>

// As the library does it: every chunk is written without waiting for the socket.
beforeEach(async () => {
  response = undefined
  server = createServer(async (_, answer) => {
    response = answer
    for await (const chunk of serving) answer.write(chunk)
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

const isStalled = () => vi.waitFor(() => expect(response?.writableNeedDrain).toBe(true), { timeout: 10_000 })

describe('an answer to a client that reads slowly', () => {
  test('is made no faster than the client takes it', async () => {
    const { seen, source } = counted()
    serving = paced(source, 'slow')
    stalledClient('slow')

    await isStalled()

    expect(seen.made).toBeLessThan(FEW)
    expect(seen.ended).toBe(false)
  })

  test('goes on when the client reads again, and is whole', async () => {
    const chunks = 512
    const { seen, source } = counted(chunks)
    serving = paced(source, 'later')
    const client = stalledClient('later')
    await isStalled()
    let received = 0
    const end = new Promise((resolve) => client.once('end', resolve))

    client.on('data', (data) => {
      received += data.length
    })
    await end

    expect(seen).toEqual({ made: chunks, ended: true })
    expect(received).toBeGreaterThan(chunks * CHUNK.length)
  })
})

describe('an answer to a client that goes away', () => {
  test('ends its source', async () => {
    const { seen, source } = counted()
    serving = paced(source, 'gone')
    const client = stalledClient('gone')
    await isStalled()

    client.destroy()

    await vi.waitFor(() => expect(seen.ended).toBe(true), { timeout: 10_000 })
    expect(seen.made).toBeLessThan(FEW)
  })
})

describe('an answer that no request of this process is known for', () => {
  test('is passed on as it is', async () => {
    const { source } = counted(3)

    expect(await Array.fromAsync(paced(source, 'unknown'))).toEqual([CHUNK, CHUNK, CHUNK])
  })
})

describe('the check that a source is paced', () => {
  test('would see one that is not', async () => {
    const { seen, source } = counted(FEW)
    serving = source

    stalledClient('unpaced')

    await vi.waitFor(() => expect(seen.made).toBe(FEW), { timeout: 10_000 })
  })
})
