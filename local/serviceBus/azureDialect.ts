import { type AmqpServer, decodeAmqp10Message, type ServiceBus } from 'amqp-emulator'

/** The limit of the Standard tier. A sender learns it on attach, so `createMessageBatch` fills up to it. */
const MAX_MESSAGE_BYTES = 256 * 1024

/** The fields that are read and completed in the frames that the emulator sends. */
type Frame = {
  $type: string
  role?: boolean
  name?: string
  maxMessageSize?: number
  target?: { address?: string }
  error?: { condition: string; description?: string }
  state?: unknown
}

type Refusal = { condition: string; description: string }

/** Refuses transfers above the limit. Returns a function that takes the refusal of the current transfer, if any. */
export function refuseOversized(bus: ServiceBus): () => Refusal | undefined {
  const prepare = bus.prepare.bind(bus)
  let refusal: Refusal | undefined

  bus.prepare = (message, format) => {
    const messages = prepare(message, format)
    const sizes = messages.flatMap(({ body }) => body.map(({ value }) => (Buffer.isBuffer(value) ? value.length : 0)))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    if (bytes <= MAX_MESSAGE_BYTES) return messages
    // Handling a transfer and sending its outcome is synchronous, so the next disposition answers this transfer.
    const description = `The message of ${bytes} bytes is larger than allowed.`
    refusal = { condition: 'amqp:link:message-size-exceeded', description }
    return []
  }
  return () => {
    const taken = refusal
    refusal = undefined
    return taken
  }
}

/** Adds to the frames of every connection what the emulator omits and Azure's clients read. */
export function completeFrames(server: AmqpServer, takeRefusal: () => Refusal | undefined) {
  server.on('connection', (connection) => {
    if (!('findLink' in connection)) return // AMQP 0-9-1
    const send = connection.send.bind(connection)
    const findLink = connection.findLink.bind(connection)
    const linkOfTarget = new Map<string, string>()

    connection.send = (channel, performative, payload) => {
      const frame = performative as Frame
      if (frame.$type === 'attach' && frame.role) frame.maxMessageSize = MAX_MESSAGE_BYTES
      if (frame.$type === 'attach' && !frame.role && frame.target?.address) {
        linkOfTarget.set(frame.target.address, frame.name ?? '')
      }
      if (frame.$type === 'detach' && frame.error && /could not be found/.test(frame.error.description ?? '')) {
        frame.error.condition = 'amqp:not-found'
      }
      const refusal = frame.$type === 'disposition' && frame.role ? takeRefusal() : undefined
      if (refusal) frame.state = { $type: 'rejected', error: { $type: 'error', ...refusal } }
      send(channel, performative, payload)
    }

    // An answer goes to the session of its request: a client with two connections gives its links the same name in
    // both.
    let requestSession: ReturnType<typeof connection.sessions.get>
    const begin = connection.sessions.set.bind(connection.sessions)
    connection.sessions.set = (channel, session) => {
      const handle = session.handle.bind(session)
      session.handle = (frame) => {
        requestSession = session
        handle(frame)
      }
      return begin(channel, session)
    }

    // A .NET client (the Functions host) identifies the reply link by its target address instead of by its name.
    connection.findLink = (asked) => {
      const names = [asked, linkOfTarget.get(asked)]
      const links = [...(requestSession?.links.values() ?? [])]
      const own = links.find(({ sending, name }) => sending && names.includes(name))
      return own ?? findLink(asked) ?? findLink(linkOfTarget.get(asked) ?? '')
    }
  })
}

/** What Azure answers in an AMQP array, and the code of its elements. */
const ARRAYS = new Map([
  ['com.microsoft:renew-lock', { key: 'expirations', code: 0x83 }], // timestamps
  ['com.microsoft:schedule-message', { key: 'sequence-numbers', code: 0x81 }], // longs
])

/** Answers with an array where Azure does; the emulator sends a list, which .NET clients refuse. */
export function answerInArrays(bus: ServiceBus) {
  const handleRequest = bus.handleRequest.bind(bus)

  bus.handleRequest = (kind, entity, request) => {
    const answer = handleRequest(kind, entity, request)
    const array = ARRAYS.get(request.applicationProperties?.operation)
    const values: number[] | undefined = array && decodeAmqp10Message(answer).body[0]?.value[array.key]
    if (!array || !values) return answer
    const head = answer.subarray(0, answer.indexOf(AMQP_VALUE))
    return Buffer.concat([head, AMQP_VALUE, mapOf(array.key, arrayOf(array.code, values))])
  }
}

// AMQP 1.0 part 1.6: a descriptor, then map32, str8 and array32, each a code and a length.
const AMQP_VALUE = Buffer.from([0x00, 0x53, 0x77])

function mapOf(key: string, value: Buffer): Buffer {
  const entry = Buffer.concat([Buffer.from([0xa1, key.length]), Buffer.from(key), value])
  return Buffer.concat([Buffer.from([0xd1]), uint(entry.length + 4), uint(2), entry])
}

/** An array of whole numbers of eight bytes. */
function arrayOf(code: number, values: number[]): Buffer {
  const bytes = Buffer.from(BigInt64Array.from(values, BigInt).buffer).swap64()
  return Buffer.concat([Buffer.from([0xf0]), uint(bytes.length + 5), uint(values.length), Buffer.from([code]), bytes])
}

function uint(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
