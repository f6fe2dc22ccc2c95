/** The same bytes; when they end, however they end, `ended` is told how many there were. */
export async function* countedBytes(
  bytes: AsyncIterable<Uint8Array>,
  ended: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  let count = 0
  try {
    for await (const chunk of bytes) {
      yield chunk
      count += chunk.length
    }
  } finally {
    ended(count)
  }
}
