import { fileSource, folderResumeStore } from '../../node.js'
import type { Command, Run } from '../command.js'
import { LOCAL, setUpLocally } from '../connect.js'
import { UsageError } from '../errors.js'
import { textIn, textsIn } from '../options.js'
import { bytesIn, countIn, isLocal, resourceIn } from '../optionValues.js'
import { sizeOf } from '../output.js'
import { stateFolderOf } from '../settings.js'

export const send: Command = {
  about: 'sends files, each as a file transfer, and answers with their ids',
  takes: { called: 'FILE...', atLeast: 1, atMost: Number.POSITIVE_INFINITY, isFile: true },
  role: 'sender',
  examples: ['accounts.zip --to 986252932'],
  options: {
    to: { type: 'string', value: 'ORG', multiple: true, about: 'who receives; may come several times, or with commas' },
    resource: { type: 'string', value: 'ID', about: 'the resource to send by' },
    from: { type: 'string', value: 'ORG', about: 'who sends, if not the organisation of the token' },
    reference: { type: 'string', value: 'TEXT', about: 'your own reference (default: the name of the file)' },
    property: {
      type: 'string',
      value: 'NAME=TEXT',
      multiple: true,
      about: 'a property for the recipients; may come several times',
    },
    'no-scan': { type: 'boolean', about: 'ask for no virus scan, where that is allowed' },
    'promise-md5': { type: 'boolean', about: 'compute the MD5 before sending, so that Broker holds the file to it' },
    'no-wait': { type: 'boolean', about: 'do not wait until the file is published' },
    parallel: { type: 'string', value: 'N', about: 'how many parts of a large file go side by side (default 4)' },
    'chunk-size': {
      type: 'string',
      value: 'SIZE',
      about: 'how much goes in one request, such as 16MiB (default 8MiB)',
    },
  },
  async run(run) {
    const { values, names } = run
    const resourceId = resourceIn(run)
    const recipients = textsIn(values, 'to')
    if (recipients.length === 0 && isLocal(run)) recipients.push(LOCAL.recipient)
    if (recipients.length === 0) throw new UsageError('Who receives it? Give --to ORG')
    const chosen = optionsOf(run)
    const sources = await Promise.all(names.map((name) => fileSource(name)))
    if (isLocal(run)) await setUpLocally(process.env, resourceId)
    const { broker, organization } = await run.connect()
    const sender = textIn(values, 'from') ?? organization
    if (!sender) throw new UsageError('Who sends it? The token does not tell: give --from ORG')

    for (const source of sources) {
      const meter = run.output.meter(source.name ?? '')
      const reference = textIn(values, 'reference') ?? source.name ?? ''
      const sending = { ...chosen.sending, resourceId, recipients, sender, sendersFileTransferReference: reference }
      const sent = await broker
        .send(source, sending, {
          ...chosen.options,
          onProgress: ({ sentBytes, totalBytes }) => meter.show(sentBytes, totalBytes),
        })
        .finally(() => meter.end())
      run.output.say(`${sent.fileName}, ${sizeOf(sent.sizeBytes)}: ${sent.status}, MD5 ${sent.md5}`)
      run.output.result(sent, sent.fileTransferId)
    }
  },
}

function optionsOf({ values, signal }: Run) {
  const properties = [values.property ?? []].flat().map((each) => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(String(each)) ?? []
    if (name === undefined) throw new UsageError(`--property is NAME=TEXT, not ${each}`)
    return [name, text]
  })
  return {
    sending: {
      ...(properties.length > 0 && { propertyList: Object.fromEntries(properties) }),
      ...(values['no-scan'] && { disableVirusScan: true }),
    },
    options: {
      signal,
      resume: folderResumeStore(stateFolderOf(process.env)),
      parallel: countIn(values, 'parallel'),
      chunkBytes: bytesIn(values, 'chunk-size'),
      md5: values['promise-md5'] ? ('promise' as const) : ('verify' as const),
      until: values['no-wait'] ? ('uploaded' as const) : ('published' as const),
    },
  }
}
