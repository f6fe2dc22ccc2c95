import type { Sink } from './receive.js'

/**
 * Writes the file to a stream, such as `createWritable()` of a file that the user of a page has chosen: it is closed
 * when the file is complete and verified, else aborted.
 */
export function streamSink(stream: WritableStream<Uint8Array<ArrayBuffer>>): Sink {
  const writer = stream.getWriter()
  return {
    open: async () => undefined,
    // The bytes of a response are not shared.
    write: (bytes) => writer.write(bytes as Uint8Array<ArrayBuffer>),
    close: (outcome) => (outcome === 'whole' ? writer.close() : writer.abort(outcome)),
  }
}
