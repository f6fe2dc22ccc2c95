import { type ChangesOptions, changes } from './calls/changes.js'
import { authorizedHttp, type ClientOptions } from './calls/http.js'
import { type CallOptions, operationsOn } from './calls/operations.js'
import { waitForStatus } from './calls/waitForStatus.js'
import { type WatchOptions, watch } from './calls/watch.js'
import { type ReceiveOptions, receive, type Sink } from './download/receive.js'
import { encryptIfAsked } from './upload/encryptIfAsked.js'
import { type Sending, send } from './upload/send.js'
import type { SendOptions } from './upload/sendFile.js'
import { type GroupSending, type SendGroupOptions, sendGroup } from './upload/sendGroup.js'
import type { Source } from './upload/source.js'
import type { FileTransferStatus } from './wire/types.js'

/** Calls Broker as the organisation of the token. */
export function brokerClient(options: ClientOptions) {
  const http = authorizedHttp(options)
  const operations = operationsOn(http)
  const patiently = ({ patience }: SendOptions) => {
    if (!patience) return { patient: http, operations }
    const patient = authorizedHttp({ ...options, patience: { ...options.patience, ...patience } })
    return { patient, operations: operationsOn(patient) }
  }
  return {
    ...operations,
    /** Initializes a file transfer and uploads its file, of any size. Resumes after broken connections. */
    send(file: Blob | Source, sending: Sending, how: SendOptions = {}) {
      const { patient, operations } = patiently(how)
      return encryptIfAsked(operations, [file], sending, how, ([each = file], sending) =>
        send(patient, operations, each, sending, how),
      )
    },
    /** As `send`, for several files to the same recipients, as one group. One that fails does not keep others back. */
    sendGroup(files: (Blob | Source)[], sending: GroupSending, how: SendGroupOptions = {}) {
      const { patient, operations } = patiently(how)
      return encryptIfAsked(operations, files, sending, how, (files, sending) =>
        sendGroup(patient, operations, files, sending, how),
      )
    },
    /** Downloads a file into the sink and verifies it. Resumes after broken connections. */
    receive: (id: string, sink: Sink, how?: ReceiveOptions) => receive(http, operations, id, sink, how),
    /** What is new for the caller as a recipient, over all its resources, oldest first and at least once. */
    changes: (how?: ChangesOptions) => changes(operations, how),
    /** The file transfer as soon as it has this status or has passed it. Broker holds the answer back until then. */
    waitFor: (id: string, status: FileTransferStatus, how?: CallOptions) => waitForStatus(operations, id, status, how),
    /** The state of a file transfer now and after each change, until its final status. */
    watch: (id: string, how?: WatchOptions) => watch(operations, id, how),
  }
}

/** A client of one Broker, as `brokerClient` makes it. */
export type BrokerClient = ReturnType<typeof brokerClient>
