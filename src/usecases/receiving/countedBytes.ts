import type { ByteSource } from '../ports/blobs.js'

/** The same bytes; when they end, or are closed, `ended` is called once with their number. */
export function countedBytes(source: ByteSource, ended: (count: number) => void): ByteSource {
  let count = 0
  let hasEnded = false
  const end = () => {
    if (!hasEnded) ended(count)
    hasEnded = true
  }
  async function* counted() {
    try {
      for await (const chunk of source.bytes) {
        yield chunk
        count += chunk.length
      }
    } finally {
      end()
    }
  }
  return {
    bytes: counted(),
    close() {
      source.close()
      end()
    },
  }
}
