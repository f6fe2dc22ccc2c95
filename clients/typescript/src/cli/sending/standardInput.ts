import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { fileSource } from '../../node.js'
import type { Source } from '../../upload/source.js'
import { type Output, sizeOf } from '../output.js'

/** A file of the standard input; it is removed when it is disposed of. */
export type Spooled = { source: Source } & AsyncDisposable

/**
 * Writes the standard input to a temporary file: uploads that can be resumed need its size, and its bytes more than
 * once. The same bytes under the same name resume an earlier try. @throws when there are more than `maxBytes`.
 */
export async function spooledInput(
  input: NodeJS.ReadStream,
  { name, maxBytes, output, signal }: { name: string; maxBytes: number; output: Output; signal: AbortSignal },
): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'altinn-broker-'))
  const dispose = () => rm(folder, { recursive: true, force: true })
  const path = join(folder, 'input')
  const end = input.isTTY ? ' Ctrl-D ends it.' : ''
  output.say(`The standard input is kept in ${path} until it is sent, up to ${sizeOf(maxBytes)}.${end}`)
  const md5 = createHash('md5')
  let bytes = 0
  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBytes)
        throw new Error(
          `The standard input has more than ${sizeOf(maxBytes)}: send it as a file, or give a larger --max-input`,
        )
      md5.update(chunk)
      yield chunk
    }
  }
  try {
    await pipeline(input, counted, createWriteStream(path, { mode: 0o600 }), { signal })
    const source = { ...(await fileSource(path)), name, identity: JSON.stringify(['-', name, md5.digest('hex')]) }
    return { source, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw signal.aborted ? signal.reason : error
  }
}

/** The text of the standard input. @throws the reason of the signal. */
export const inputText = (input: Readable, signal: AbortSignal): Promise<string> =>
  text(addAbortSignal(signal, input)).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error
  })
