import { blobSource } from '../../../../../typescript/src/index.js'
import { md5Of } from '../../../../../typescript/src/md5.js'

/** What the worker answers to a file. */
export type Hashed = { md5: string } | { errorName: string; message: string }

addEventListener('message', async ({ data }: MessageEvent<Blob>) => {
  const hashed: Hashed = await md5Of(blobSource(data)).then(
    (md5) => ({ md5 }),
    ({ name, message }: Error) => ({ errorName: name, message }),
  )
  postMessage(hashed)
})
