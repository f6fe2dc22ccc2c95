import { createReadStream } from 'node:fs'
import { Upload } from 'tus-js-client'

// tus-js-client sends a file. Arguments: endpoint, file, parts that are sent in parallel. It prints the seconds it took.

const [, , endpoint = '', file = '', parts] = process.argv
const start = performance.now()
await new Promise<void>((resolve, reject) => {
  new Upload(createReadStream(file), {
    endpoint,
    chunkSize: 8 * 2 ** 20,
    parallelUploads: Number(parts),
    headers: { authorization: process.env.AUTHORIZATION ?? '' },
    onError: reject,
    onSuccess: () => resolve(),
  }).start()
})
console.log((performance.now() - start) / 1000)
