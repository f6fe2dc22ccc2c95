import { folderResumeStore } from '../../node.js'
import { encryptIfAsked } from '../../upload/encryptIfAsked.js'
import { sendInTurn } from '../../upload/inTurn.js'
import type { SendProgress } from '../../upload/sendFile.js'
import { sourceOf } from '../../upload/source.js'
import { partyOf } from '../../wire/organization.js'
import type { Command, Run } from '../command.js'
import { type Connection, setUpLocally } from '../connect.js'
import { encryptionIn, withMeter } from '../encryption/encrypting.js'
import { errorAbout, NotAllDone, UsageError } from '../errors.js'
import { remindOption, retryOption, textIn } from '../options.js'
import { bytesIn, countIn, isLocal, remindersIn, resourceIn, triesIn } from '../optionValues.js'
import { sizeOf } from '../output.js'
import { batchOf, type SentFile } from '../sending/batch.js'
import { sendByLink } from '../sending/byLink.js'
import { type Chosen, filesIn } from '../sending/files.js'
import { checkGroup, sendAsGroup } from '../sending/group.js'
import { organizationOf, recipientsOf } from '../sending/recipients.js'
import { spooledInput } from '../sending/standardInput.js'
import { stateFolderOf } from '../settings.js'

const DEFAULT_MAX_INPUT = 2 * 2 ** 30

export const send: Command = {
  about: 'sends files, each as a file transfer, and answers with their ids; - is the standard input',
  takes: { called: 'FILE...', atLeast: 1, atMost: Number.POSITIVE_INFINITY, isFile: true },
  role: 'sender',
  examples: [
    'accounts.zip --to 986252932',
    "accounts.zip notes.pdf scans/ --to '986 252 932' --to 910753614 --reference accounts-2026",
    'accounts.zip --recipients-file recipients.txt --property year=2026 --property kind=accounts',
    '- --name accounts.tar --to 986252932 < accounts.tar',
    'accounts.zip --to 986252932 --link --retry 10',
    'accounts.zip --to 986252932 --encrypt',
    'report.pdf annex.pdf --group --to 986252932 --reference accounts-2026',
  ],
  options: {
    to: { type: 'string', value: 'ORG', multiple: true, about: 'who receives; may come several times, or with commas' },
    'recipients-file': {
      type: 'string',
      value: 'FILE',
      about: 'who receives: a list in any spelling, # begins a comment; - is the input',
      isFile: true,
    },
    resource: { type: 'string', value: 'ID', about: 'the resource to send by' },
    from: { type: 'string', value: 'ORG', about: 'who sends, if not the organisation of the token' },
    name: { type: 'string', value: 'NAME', about: 'another name for the one file; the name of the input' },
    group: { type: 'boolean', about: 'all files as one group, which is received and confirmed together' },
    reference: {
      type: 'string',
      value: 'TEXT',
      about: 'your own reference (default: the name of the file, or of the first of a group)',
    },
    property: {
      type: 'string',
      value: 'NAME=TEXT',
      multiple: true,
      about: 'a property for the recipients; may come several times',
    },
    remind: remindOption('which reminders of the resource the recipients get, such as P7D,-P2D (default all), or none'),
    encrypt: { type: 'boolean', about: 'encrypt for the recipients, by the public keys that they have published' },
    'trust-key': {
      type: 'string',
      value: 'KEY',
      multiple: true,
      about: 'encrypt for this key and for no other that Broker gives; may come several times',
    },
    'no-scan': { type: 'boolean', about: 'ask for no virus scan, where that is allowed' },
    'promise-md5': { type: 'boolean', about: 'compute the MD5 before sending, so that Broker holds the file to it' },
    'no-wait': { type: 'boolean', about: 'do not wait until the file is published' },
    link: { type: 'boolean', about: 'send straight to the storage, by a link; an interruption begins the file anew' },
    retry: retryOption,
    parallel: { type: 'string', value: 'N', about: 'how many parts of a large file go side by side (default 4)' },
    'chunk-size': {
      type: 'string',
      value: 'SIZE',
      about: 'how much goes in one request, such as 16MiB (default 8MiB)',
    },
    'max-input': {
      type: 'string',
      value: 'SIZE',
      about: `how much of the input is taken (default ${sizeOf(DEFAULT_MAX_INPUT)})`,
    },
  },
  async run(run) {
    const { values } = run
    if (values.group) checkGroup(run)
    const resourceId = resourceIn(run)
    const recipients = await recipientsOf(run)
    const chosen = optionsOf(run)
    const from = textIn(values, 'from')
    const own = from === undefined ? undefined : organizationOf('--from', from)
    await using input = await inputOf(run)
    const files = input ? [{ path: '-', source: input.source }] : await filesIn(run.names, run.output)
    const fileName = textIn(values, 'name')
    if (fileName !== undefined && files.length > 1) throw new UsageError('--name is the name of one file')
    if (isLocal(run)) await setUpLocally(process.env, resourceId)
    const connection = await run.connect()
    const sender = own ?? connection.organization
    if (!sender) throw new UsageError('Who sends it? The token does not tell: give --from ORG')

    const request = {
      ...chosen.sending,
      ...{ resourceId, recipients: recipients.map(partyOf), sender: partyOf(sender) },
      ...(fileName !== undefined && { fileName }),
    }
    await (values.group ? sendAsGroup : sendAll)(run, connection, files, request, chosen.options)
  },
}

type Request = Omit<ReturnType<typeof optionsOf>['sending'], 'fileName'> & {
  resourceId: string
  recipients: string[]
  sender: string
  fileName?: string
}
type Options = ReturnType<typeof optionsOf>['options']

/** Sends each file, and reports each. @throws the error of the only file, or NotAllDone. */
async function sendAll(run: Run, connection: Connection, files: Chosen[], request: Request, options: Options) {
  const { values, settings, output, signal } = run
  const batch = await batchOf(options.resume, run.names, files, [
    settings.url,
    settings.environment,
    values.local,
    values.reference,
    values.encrypt,
    request,
  ])
  const send = async (file: Chosen, onUploaded: () => void) => {
    const earlier = batch.earlier(file)
    if (earlier) output.say(`${file.path} was sent before, as ${earlier.fileTransferId}`)
    const sent = earlier ?? (await sendOne(run, connection, file, request, { ...options, onUploaded }))
    await batch.add(file, sent)
    return sent
  }
  const outcome = await sendInTurn(files, { signal }, send, (sent) => output.result(sent, sent.fileTransferId))
  const { notTried } = outcome
  const failures = outcome.failures.map(({ file: { path }, error }) => ({ path, error }))
  if (files.length === 1 && failures[0]) throw failures[0].error
  if (failures.length > 0) throw new NotAllDone(failures, files.length, notTried)
  await batch.forget()
}

async function sendOne(
  run: Run,
  { broker }: Connection,
  { source }: Chosen,
  request: Request,
  { onUploaded, ...options }: Options & { onUploaded: () => void },
): Promise<SentFile> {
  const { values, output } = run
  const fileName = request.fileName ?? source.name ?? ''
  const sending = { ...request, fileName, sendersFileTransferReference: textIn(values, 'reference') ?? fileName }
  const encrypt = options.encrypt && withMeter(options.encrypt, output)
  const meter = output.meter(fileName)
  let isUploaded = false
  let id: string | undefined
  const onProgress = ({ fileTransferId, sentBytes, totalBytes }: SendProgress) => {
    id = fileTransferId
    meter.show(sentBytes, totalBytes)
    if (isUploaded || sentBytes < totalBytes || totalBytes === 0) return
    isUploaded = true
    meter.end()
    if (options.until === 'published') output.say(`${fileName} is being checked`)
    onUploaded()
  }
  try {
    const byLink = { ...options, tries: triesIn(values, true), onProgress }
    const sent = values.link
      ? await encryptIfAsked(broker, [source], sending, { ...options, encrypt }, ([each = source], sending) =>
          sendByLink(broker, sourceOf(each), sending, byLink),
        )
      : await broker.send(source, sending, { ...options, encrypt, onProgress })
    output.say(`${sent.fileName}, ${sizeOf(sent.sizeBytes)}: ${sent.status}, MD5 ${sent.md5}`)
    return sent
  } catch (error) {
    throw errorAbout(id, error)
  } finally {
    if (!isUploaded) meter.end()
  }
}

async function inputOf({ names, values, output, signal }: Run) {
  if (!names.includes('-')) return undefined
  if (names.length > 1) throw new UsageError('- takes the place of one file: send others by another command')
  if (values['recipients-file'] === '-') throw new UsageError('The input is the file, or the recipients, not both')
  const name = textIn(values, 'name')
  if (!name) throw new UsageError('The input has no name: give --name NAME')
  const maxBytes = bytesIn(values, 'max-input') ?? DEFAULT_MAX_INPUT
  return spooledInput(process.stdin, { name, maxBytes, output, signal })
}

function optionsOf({ values, output, signal }: Run) {
  const properties = [values.property ?? []].flat().map((each) => {
    const [, name, text] = /^([^=]+)=(.*)$/s.exec(String(each)) ?? []
    if (name === undefined) throw new UsageError(`--property is NAME=TEXT, not ${each}`)
    return [name, text]
  })
  const reminders = remindersIn(values)
  return {
    sending: {
      ...(reminders && { reminders }),
      ...(properties.length > 0 && { propertyList: Object.fromEntries(properties) }),
      ...(values['no-scan'] && { disableVirusScan: true }),
    },
    options: {
      signal,
      encrypt: encryptionIn(values, output),
      resume: folderResumeStore(stateFolderOf(process.env)),
      parallel: countIn(values, 'parallel'),
      chunkBytes: bytesIn(values, 'chunk-size'),
      md5: values['promise-md5'] ? ('promise' as const) : ('verify' as const),
      until: values['no-wait'] ? ('uploaded' as const) : ('published' as const),
    },
  }
}
