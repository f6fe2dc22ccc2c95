import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Finding } from '../ledger/judge.js'

const MOST_LINES = 200
const MOST_LENGTH = 300

/** The first lines of a log that name a transfer of one of these findings. */
export async function linesAbout(file: string, findings: Finding[]): Promise<string[]> {
  const ids = [...new Set(findings.filter(({ verdict }) => verdict !== 'late').map(({ id }) => id))].filter(Boolean)
  if (ids.length === 0) return []
  const found: string[] = []
  for await (const line of createInterface(createReadStream(file))) {
    if (ids.some((id) => line.includes(id))) found.push(line.slice(0, MOST_LENGTH))
    if (found.length === MOST_LINES) break
  }
  return found
}
