import { type ClientOptions, httpOf } from './calls/http.js'
import { operationsOn } from './calls/operations.js'
import { type WatchOptions, watch } from './calls/watch.js'
import { type ReceiveOptions, receive, type Sink } from './download/receive.js'
import { type Sending, type SendOptions, send } from './upload/send.js'
import type { Source } from './upload/source.js'

/** Broker, as the organisation of the token. */
export function brokerClient(options: ClientOptions) {
  const http = httpOf(options)
  const operations = operationsOn(http)
  return {
    ...operations,
    /** Announces and uploads a file, of any size, over broken connections. */
    send: (file: Blob | Source, sending: Sending, how?: SendOptions) => send(http, operations, file, sending, how),
    /** Downloads a file into the sink, over broken connections, and checks it. */
    receive: (id: string, sink: Sink, how?: ReceiveOptions) => receive(http, operations, id, sink, how),
    /** How a file transfer stands now, and again whenever that has changed, until its end. */
    watch: (id: string, how?: WatchOptions) => watch(operations, id, how),
  }
}

export type BrokerClient = ReturnType<typeof brokerClient>
