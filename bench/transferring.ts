import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Bytes that are not all alike, cheap to make: a block that is sent again and again, with its number in front. */
const BLOCK = Buffer.alloc(2 ** 20, 'abcdefghijklmnopqrstuvwxyz0123456789')

/** The bytes of a large file from `first` up to `last`. */
export function* bytes(first: number, last: number): Generator<Buffer> {
  for (let at = first; at < last; ) {
    const block = Buffer.from(BLOCK)
    block.writeDoubleBE(Math.floor(at / BLOCK.length))
    const skipped = at % BLOCK.length
    const chunk = block.subarray(skipped, Math.min(BLOCK.length, skipped + last - at))
    yield chunk
    at += chunk.length
  }
}

/** The MD5 of these bytes, in hex. */
export function md5Of(chunks: Iterable<Buffer>): string {
  const md5 = createHash('md5')
  for (const chunk of chunks) md5.update(chunk)
  return md5.digest('hex')
}

type Send = { method: string; agent?: Agent; headers?: Record<string, string>; body?: Iterable<Buffer> }

/**
 * A request whose body goes chunked, at the pace of the server. The answer, whose body is still to come. @throws unless
 * it is a good one.
 */
export const send = (url: string, { method, agent, headers = {}, body }: Send) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(url, { method, headers, ...(agent && { agent }) }, (answer) => {
      const { statusCode = 0 } = answer
      if (statusCode < 300) return resolve(answer)
      answer.resume()
      reject(new Error(`${method} ${url}: ${statusCode}`))
    })
    asked.on('error', reject)
    if (body) pipeline(Readable.from(body), asked).catch(reject)
    else asked.end()
  })

/** Reads an answer to its end; how many bytes there were. */
export async function drained(answer: IncomingMessage): Promise<number> {
  let count = 0
  for await (const chunk of answer) count += (chunk as Buffer).length
  return count
}

/** Memory of a process in MiB: what it holds now, or the most that it has held. */
export async function memory(pid: number | undefined, which: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
}

const TICKS_A_SECOND = 100

/** Seconds of processor time that a process has used so far. */
export async function cpuSeconds(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}
