import type { SendOptions, Sink } from '../../clients/typescript/src/index.js'

// What the tests of the client send and receive in pieces.

const MIB = 2 ** 20

/** By `IN_PARTS` it is sent in four parts of several requests each. */
export const LARGE = 9 * MIB + 7
export const IN_PARTS: SendOptions = { oneShotBytes: MIB, chunkBytes: MIB, parallel: 4 }

/** A file that is the same each time. */
export const namedFile = (bytes: Buffer, name = 'a.bin'): File =>
  new File([new Uint8Array(bytes)], name, { lastModified: 1_700_000_000_000 })

/** A sink that counts the bytes which are written to it: those of an earlier try are not. */
export function countingSink(sink: Sink) {
  let written = 0
  const counting: Sink = {
    ...sink,
    async write(bytes) {
      written += bytes.length
      await sink.write(bytes)
    },
  }
  return { sink: counting, written: () => written }
}
