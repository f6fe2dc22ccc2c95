import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { WrongBytes } from '../../calls/problem.js'
import { MAX_RECEIPT_CHARACTERS, ReceiptRefused, receiptKeysIn, verifyReceipt } from '../../receipts/verify.js'
import { organizationNumber } from '../../wire/organization.js'
import type { ReceiptStatement } from '../../wire/types.js'
import type { Command } from '../command.js'
import { textIn } from '../options.js'
import { sizeOf } from '../output.js'
import { timeText } from '../times.js'

const EXAMPLE = '70ed6107-6b1e-4e30-a2b3-8e2d4e8a9a5f'

export const receipt: Command = {
  about: 'gets the signed receipt of a published file transfer',
  takes: { called: 'ID', atLeast: 1, atMost: 1 },
  role: 'sender',
  examples: [EXAMPLE, `${EXAMPLE} --out report.receipt --keys broker-keys.json`],
  options: {
    out: { type: 'string', short: 'o', value: 'FILE', about: 'the file to write the receipt to', isFile: true },
    keys: { type: 'string', value: 'FILE', about: 'the file to write Broker’s public keys to', isFile: true },
  },
  async run({ names: [id = ''], values, output, signal, connect }) {
    const { broker } = await connect()
    const [out, keysOut] = [textIn(values, 'out'), textIn(values, 'keys')]
    const [{ receipt }, keys] = await Promise.all([
      broker.getReceipt(id, { signal }),
      broker.getReceiptKeys({ signal }),
    ])
    const statement = await verifyReceipt(receipt, keys)
    if (keysOut) await writeFile(keysOut, `${JSON.stringify(keys, null, 2)}\n`)
    if (!out) return output.result({ receipt, statement, keys: keysOut }, receipt)
    await writeFile(out, `${receipt}\n`)
    output.result({ path: out, statement, keys: keysOut }, out)
  },
}

export const verify: Command = {
  about: 'verifies a receipt, and compares a file with it',
  takes: { called: 'RECEIPT [FILE]', atLeast: 1, atMost: 2, isFile: true },
  role: 'sender',
  examples: ['report.receipt --keys broker-keys.json report.pdf', 'report.receipt --url https://platform.altinn.no'],
  options: {
    keys: {
      type: 'string',
      value: 'FILE',
      about: 'Broker’s public keys, as they were saved: then nobody is asked',
      isFile: true,
    },
  },
  async run({ names: [path = '', file], values, output, signal, publicBroker }) {
    const text = await smallFile(path)
    const keysPath = textIn(values, 'keys')
    const keys = keysPath ? receiptKeysIn(await smallFile(keysPath)) : await publicBroker().getReceiptKeys({ signal })
    const statement = await verifyReceipt(text, keys)
    const compared = file === undefined ? undefined : await compare(file, statement)
    output.result({ isVerified: true, file: compared, statement }, ...linesOf(statement, compared))
  },
}

/** The text of a file that is not too large for a receipt or for keys. */
async function smallFile(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > MAX_RECEIPT_CHARACTERS) throw new ReceiptRefused(`${path} is too large to be a receipt or keys`)
  return readFile(path, 'utf8')
}

type Compared = { path: string; sizeBytes: number; md5: string; sha256: string }

/** @throws WrongBytes when it is not the file of the receipt. */
async function compare(path: string, { file }: ReceiptStatement): Promise<Compared> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  let sizeBytes = 0
  for await (const bytes of createReadStream(path)) {
    md5.update(bytes)
    sha256.update(bytes)
    sizeBytes += bytes.length
  }
  const is = { path, sizeBytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') }
  const difference = [
    is.sizeBytes !== file.sizeBytes && `${file.sizeBytes} bytes, not ${is.sizeBytes}`,
    file.md5 !== null && is.md5 !== file.md5 && `MD5 ${file.md5}, not ${is.md5}`,
    file.sha256 !== null && is.sha256 !== file.sha256 && `SHA-256 ${file.sha256}, not ${is.sha256}`,
  ].filter((each) => each !== false)
  if (difference.length > 0) throw new WrongBytes(`${path} is not the file of the receipt: ${difference.join('; ')}`)
  return is
}

function linesOf({ iss, sub, iat, file, ...statement }: ReceiptStatement, compared: Compared | undefined): string[] {
  const { sender, serviceOwner, resourceId, created, published, recipients, statuses } = statement
  const { name, sizeBytes, md5, sha256 } = file
  const when = (what: string, at: string | null) => (at === null ? [] : [`${what} ${timeText(at)}`])
  return [
    `The receipt is right. ${iss} issued it ${timeText(new Date(iat * 1000).toISOString())}`,
    `${name}, ${sizeOf(sizeBytes)}, file transfer ${sub}`,
    `MD5 ${md5 ?? 'not known'}`,
    `SHA-256 ${sha256 ?? 'not known'}`,
    `from ${organizationNumber(sender)} by ${resourceId} of ${organizationNumber(serviceOwner)}`,
    `created ${timeText(created)}, published ${timeText(published)}`,
    ...recipients.map(({ organization, downloadStarted, confirmed }) => {
      const times = [...when('download started', downloadStarted), ...when('confirmed', confirmed)]
      return `to ${organizationNumber(organization)}: ${times.join(', ') || 'not downloaded'}`
    }),
    ...statuses.map(({ status, at }) => `  ${timeText(at)}  ${status}`),
    ...(compared ? [sameFile(compared, file)] : []),
  ]
}

const sameFile = ({ path }: Compared, { md5, sha256 }: ReceiptStatement['file']) =>
  md5 === null && sha256 === null
    ? `${path} has the size of that file; the receipt has no digest of it`
    : `${path} is that file`
