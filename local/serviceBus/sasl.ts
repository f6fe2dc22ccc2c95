import { type Amqp10Connection, type AmqpServer, encodeAmqp10Frame } from 'amqp-emulator'

const HEADER_BYTES = 8
const SASL = 1

const mechanisms = (...saslServerMechanisms: string[]) =>
  encodeAmqp10Frame(SASL, 0, { $type: 'sasl-mechanisms', saslServerMechanisms })
const OFFERED_BY_EMULATOR = mechanisms('ANONYMOUS', 'PLAIN')
const OFFERED = mechanisms('ANONYMOUS', 'PLAIN', 'MSSBCBS')
const ANONYMOUS = encodeAmqp10Frame(SASL, 0, { $type: 'sasl-init', mechanism: 'ANONYMOUS' })

/**
 * Offers the SASL mechanism MSSBCBS, the only one that .NET clients (the Functions host among them) ask for, and treats
 * it as ANONYMOUS: what it stands for is a token that follows on the node `$cbs`.
 */
export function offerMssbcbs(server: AmqpServer) {
  const add = server.connections.add.bind(server.connections)

  // A connection is added before it gets its first bytes; the event 'connection' comes after SASL.
  server.connections.add = (connection) => {
    if ('findLink' in connection) treatAsAnonymous(connection) // AMQP 1.0
    return add(connection)
  }
}

function treatAsAnonymous(connection: Amqp10Connection) {
  const write = connection.write.bind(connection)
  const feed = connection.feed.bind(connection)
  let held = Buffer.alloc(0)

  connection.write = (bytes) => write(bytes.equals(OFFERED_BY_EMULATOR) ? OFFERED : bytes)

  connection.feed = (chunk) => {
    if (connection.state === 'header') {
      feed(chunk.subarray(0, HEADER_BYTES)) // the first chunk holds it
      return connection.feed(chunk.subarray(HEADER_BYTES))
    }
    if (connection.state !== 'sasl') return chunk.length > 0 ? feed(chunk) : undefined
    held = Buffer.concat([held, chunk])
    const length = held.length < 4 ? Number.POSITIVE_INFINITY : held.readUInt32BE()
    if (held.length < length) return
    const [init, rest] = [held.subarray(0, length), held.subarray(length)]
    held = Buffer.alloc(0)
    feed(init.includes('MSSBCBS') ? ANONYMOUS : init)
    if (rest.length > 0) feed(rest)
  }
}
