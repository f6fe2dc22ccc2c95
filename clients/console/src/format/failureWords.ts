import type { Texts } from '../texts/nb.js'

/** Why a file transfer failed, for people: a sentence, and the words of Broker, to be shown on demand. */
export type FailureWords = { says: string; details: string }

/** How Broker's reasons begin. */
const REASONS: [beginning: string, name: keyof Texts['failures']][] = [
  ['Malware scan failed: Malicious', 'malicious'],
  ['Malware scan failed', 'scanFailed'],
  ['The malware scan gave no result', 'scanOverdue'],
  ['Checksum mismatch', 'checksumMismatch'],
  ['The upload was begun and never finished', 'uploadIdle'],
  ['The stored file is not the one', 'fileLost'],
]

/** The failure with this reason, the `fileTransferStatusText` of a failed file transfer. */
export function failureWords(reason: string, texts: Texts): FailureWords {
  const [, name] = REASONS.find(([beginning]) => reason.startsWith(beginning)) ?? []
  return { says: texts.failures[name ?? 'unknown'], details: reason }
}
