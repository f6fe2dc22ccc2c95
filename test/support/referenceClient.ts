import { setTimeout as pause } from 'node:timers/promises'
import { CHUNK } from './tusCalls.js'

const CHUNK_BYTES = 8 * 2 ** 20
const MAX_TRIES = 5
/** What it takes for something that passes. Anything else ends the upload, 423 too. */
const PASSING = [404, 408, 429, 500, 502, 503, 504]

type Range = { path: string; start: number; length: number }

/**
 * A client with the habits of the original's own reference client: when a PATCH fails it asks HEAD where the upload
 * stands, and sends the whole buffer once more from there, whatever it held before.
 */
export function referenceClient(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' }
  const offsetIn = (answer: Response) => Number(answer.headers.get('upload-offset') ?? Number.NaN)
  const passing = async (answer: Response) => {
    if (!PASSING.includes(answer.status)) throw new Error(`${answer.status} ${await answer.text()}`)
  }

  async function head(path: string): Promise<number> {
    const answer = await fetch(url + path, { method: 'HEAD', headers })
    if (answer.ok) return offsetIn(answer)
    throw new Error(`HEAD is answered with ${answer.status}.`)
  }

  async function patch(path: string, first: number, buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    let offset = first
    for (let number = 1; number <= MAX_TRIES; number++) {
      const asked = { ...headers, 'content-type': CHUNK, 'upload-offset': `${offset}` }
      const answer = await fetch(url + path, { method: 'PATCH', headers: asked, body: buffer }).catch(() => undefined)
      if (answer?.status === 204) return offsetIn(answer)
      if (answer) await passing(answer)
      await pause(1000 * 2 ** number)
      offset = await head(path)
    }
    throw new Error(`PATCH at ${offset} has failed ${MAX_TRIES} times.`)
  }

  return {
    /** Sends the bytes of one upload. */
    async send(content: Buffer, { path, start, length }: Range): Promise<void> {
      let offset = await head(path)
      while (offset < length) {
        const end = Math.min(offset + CHUNK_BYTES, length)
        offset = await patch(path, offset, new Uint8Array(content.subarray(start + offset, start + end)))
      }
    },
  }
}

/** As many ranges of the same length, more or less, as there are paths. */
export const rangesOf = (paths: string[], bytes: number): Range[] =>
  paths.map((path, index) => {
    const start = Math.floor((bytes * index) / paths.length)
    return { path, start, length: Math.floor((bytes * (index + 1)) / paths.length) - start }
  })
