import { authorizedHttp, type ClientOptions } from './calls/http.js'
import { operationsOn } from './calls/operations.js'
import { type WatchOptions, watch } from './calls/watch.js'
import { type ReceiveOptions, receive, type Sink } from './download/receive.js'
import { type Sending, type SendOptions, send } from './upload/send.js'
import type { Source } from './upload/source.js'

/** Calls Broker as the organisation of the token. */
export function brokerClient(options: ClientOptions) {
  const http = authorizedHttp(options)
  const operations = operationsOn(http)
  return {
    ...operations,
    /** Initializes a file transfer and uploads its file, of any size. Resumes after broken connections. */
    send(file: Blob | Source, sending: Sending, how: SendOptions = {}) {
      const patience = { ...options.patience, ...how.patience }
      const patient = how.patience ? authorizedHttp({ ...options, patience }) : http
      return send(patient, operationsOn(patient), file, sending, how)
    },
    /** Downloads a file into the sink and verifies it. Resumes after broken connections. */
    receive: (id: string, sink: Sink, how?: ReceiveOptions) => receive(http, operations, id, sink, how),
    /** The state of a file transfer now and after each change, until its final status. */
    watch: (id: string, how?: WatchOptions) => watch(operations, id, how),
  }
}

/** A client of one Broker, as `brokerClient` makes it. */
export type BrokerClient = ReturnType<typeof brokerClient>
