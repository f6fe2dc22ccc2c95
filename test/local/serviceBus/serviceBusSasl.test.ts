import { connect } from 'node:net'
import { encodeAmqp10Frame } from 'amqp-emulator'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { startServiceBus } from '../../../local/serviceBus/serviceBus.js'

const broker = await startServiceBus({ entities: {} })
afterAll(() => broker.close())

const SASL_HEADER = Buffer.from('AMQP\x03\x01\x00\x00')
const AMQP_HEADER = Buffer.from('AMQP\x00\x01\x00\x00')
const init = (mechanism: string) => {
  const initialResponse = mechanism === 'PLAIN' ? Buffer.from('\0user\0password') : undefined
  return encodeAmqp10Frame(1, 0, { $type: 'sasl-init', mechanism, ...(initialResponse && { initialResponse }) })
}
const OPEN = encodeAmqp10Frame(0, 0, { $type: 'open', containerId: 'test' })
const CLOSE = encodeAmqp10Frame(0, 0, { $type: 'close' })

/** What a broker answers, until the connection ends, to a client that sends its bytes cut at these places. */
async function answerTo(bytes: Buffer, cuts: number[] = []): Promise<Buffer> {
  const socket = connect(broker.port, '127.0.0.1').setNoDelay(true)
  const ends = [...cuts.map((cut) => cut % bytes.length), bytes.length].sort((one, other) => one - other)
  for (const [index, end] of ends.entries()) {
    await new Promise((done) => socket.write(bytes.subarray(ends[index - 1] ?? 0, end), done))
    await new Promise(setImmediate)
  }
  return Buffer.concat(await Array.fromAsync(socket))
}

test.each(['ANONYMOUS', 'PLAIN', 'MSSBCBS'])(
  'a client opens by the SASL mechanism %s, however its bytes arrive',
  async (mechanism) => {
    const bytes = Buffer.concat([SASL_HEADER, init(mechanism), AMQP_HEADER, OPEN, CLOSE])

    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 8 }), async (cuts) => {
        const answer = await answerTo(bytes, cuts)
        expect(answer.includes(mechanism)).toBe(true)
        expect(answer.includes(AMQP_HEADER)).toBe(true)
        expect(answer.includes('amqp-emulator')).toBe(true)
      }),
      { numRuns: 30 },
    )
  },
)

test('a client opens without SASL', async () => {
  const answer = await answerTo(Buffer.concat([AMQP_HEADER, OPEN, CLOSE]))

  expect(answer.includes('amqp-emulator')).toBe(true)
})

test.each([
  ['a mechanism that is not offered', init('EXTERNAL')],
  ['a frame that is none', Buffer.alloc(16)],
])('a client with %s is turned away', async (_, frame) => {
  const answer = await answerTo(Buffer.concat([SASL_HEADER, frame]))

  expect(answer.includes(AMQP_HEADER)).toBe(false)
})
