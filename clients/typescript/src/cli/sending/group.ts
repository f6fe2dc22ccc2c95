import type { SendOptions, SendProgress } from '../../upload/sendFile.js'
import { type GroupSending, NotAllSent } from '../../upload/sendGroup.js'
import type { Run } from '../command.js'
import type { Connection } from '../connect.js'
import { withMeter } from '../encryption/encrypting.js'
import { NotAllDone, UsageError } from '../errors.js'
import { textIn } from '../options.js'
import { sizeOf } from '../output.js'
import type { Chosen } from './files.js'

/** @throws UsageError for options that are of one file. */
export function checkGroup({ names, values }: Run): void {
  if (values.name !== undefined) throw new UsageError('--name is the name of one file, and not of a group')
  if (values.link) throw new UsageError('--link sends a file by itself, and not in a group')
  if (names.includes('-')) throw new UsageError('- is one file by itself, and not in a group')
}

/** Sends all files as one group, and reports each. @throws NotAllDone, or the error of the whole group. */
export async function sendAsGroup(
  { values, output }: Run,
  { broker }: Connection,
  files: Chosen[],
  request: Omit<GroupSending, 'sendersFileTransferReference'>,
  options: SendOptions,
): Promise<void> {
  const sources = files.map(({ source }) => source)
  const sendersFileTransferReference = textIn(values, 'reference') ?? sources[0]?.name ?? ''
  const totalBytes = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const encrypt = options.encrypt && withMeter(options.encrypt, output)
  const byId = new Map<string, SendProgress>()
  const meter = output.meter('Group')
  let isUploaded = false
  let ids: string[] = []
  const sending = broker.sendGroup(
    sources,
    { ...request, sendersFileTransferReference },
    {
      ...options,
      encrypt,
      onInitialized(group) {
        ids = group.fileTransferIds
        output.result(group, group.fileTransferGroupId)
      },
      onProgress(progress) {
        byId.set(progress.fileTransferId, progress)
        const all = [...byId.values()]
        const allSentBytes = all.reduce((sum, each) => sum + each.sentBytes, 0)
        // Ciphertext is a little larger than its file.
        meter.show(Math.min(allSentBytes, totalBytes), totalBytes)
        const isAll = all.length === sources.length && all.every((each) => each.sentBytes === each.totalBytes)
        if (isUploaded || !isAll || totalBytes === 0) return
        isUploaded = true
        meter.end()
        if (options.until === 'published') output.say('The group is being checked')
      },
      onSent(sent) {
        output.say(`${sent.fileName}, ${sizeOf(sent.sizeBytes)}: ${sent.status}, MD5 ${sent.md5}`)
        output.result(sent, sent.fileTransferId)
      },
    },
  )
  try {
    await sending
  } catch (error) {
    if (!(error instanceof NotAllSent)) throw error
    const failures = error.failures.map(({ fileTransferId, error }) => ({
      path: files[ids.indexOf(fileTransferId)]?.path ?? '',
      fileTransferId,
      error,
    }))
    throw new NotAllDone(failures, files.length, error.notTried)
  } finally {
    if (!isUploaded) meter.end()
  }
}
