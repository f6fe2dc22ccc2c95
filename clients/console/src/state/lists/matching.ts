import type { FileTransferSummary } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { namesOf } from '../names/names.js'
import type { Box } from '../route.js'
import type { Session } from '../session.js'

/** Whether a file transfer has all words of a text. */
export type Matching = (summary: FileTransferSummary) => Promise<boolean>

const NUMBER = /(?<!\d)\d{3} ?\d{3} ?\d{3}(?!\d)/g

/** The words to search for, in lower case. An organisation number is one word, with or without spaces. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(NUMBER, (number) => number.replaceAll(' ', ''))
    .split(' ')
    .filter(Boolean)

/** Whether each word is in one of the texts. */
export function hasWords(words: string[], texts: (string | undefined)[]): boolean {
  const all = texts.map((each) => (each ?? '').normalize('NFC').toLowerCase()).join('\n')
  return words.every((word) => all.includes(word))
}

/** The other organisations of a file transfer: whoever sent it, or the first of its recipients. */
export const othersIn = ({ sender, recipients }: FileTransferSummary, box: Box): string[] =>
  (box === 'inbox' ? [sender] : recipients.first).map(organizationNumber)

/**
 * Matches file name, reference and the other organisations. A summary has the first recipients alone: for a number of
 * an organisation the others are read, once for each file transfer.
 */
export function matchingOf(text: string, box: Box, session: Session, signal: AbortSignal): Matching {
  const words = wordsOf(text)
  const numbers = words.filter((word) => /^\d{9}$/.test(word))
  const names = namesOf(session)
  return async (summary) => {
    if (words.length === 0) return true
    const { fileName, sendersFileTransferReference, recipients } = summary
    const others = othersIn(summary, box).flatMap((number) => [number, names.of(number)])
    const texts = [fileName, sendersFileTransferReference, ...others]
    if (hasWords(words, texts)) return true
    const mayHaveMore = box === 'outbox' && recipients.total > recipients.first.length
    if (!mayHaveMore || numbers.every((number) => hasWords([number], texts))) return false
    return hasWords(words, [...texts, ...(await allRecipients(session, summary.fileTransferId, signal))])
  }
}

/** By session and file transfer: recipients never change. */
const recipientsRead = new Map<string, string[]>()

async function allRecipients({ id, broker }: Session, fileTransferId: string, signal: AbortSignal): Promise<string[]> {
  const key = `${id} ${fileTransferId}`
  const known = recipientsRead.get(key)
  if (known) return known
  const { recipients } = await broker.getFileTransfer(fileTransferId, { signal })
  const numbers = recipients.map(({ recipient }) => organizationNumber(recipient))
  recipientsRead.set(key, numbers)
  return numbers
}
