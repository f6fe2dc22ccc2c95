import { readFile } from 'node:fs/promises'
import { organizationsIn } from '../../wire/organization.js'
import type { Run } from '../command.js'
import { LOCAL } from '../connect.js'
import { UsageError } from '../errors.js'
import { textIn } from '../options.js'
import { isLocal } from '../optionValues.js'
import { inputText } from './standardInput.js'

const SHOWN = 5

/** The recipients of `--to` and of `--recipients-file`, nine digits each, each once. @throws UsageError */
export async function recipientsOf(run: Run): Promise<string[]> {
  const { values } = run
  const named = [values.to ?? []].flat().map(String)
  const file = textIn(values, 'recipients-file')
  const recipients = new Set(named.flatMap((each) => numbersIn('--to', each)))
  if (file !== undefined)
    for (const number of numbersIn(file, withoutComments(await textOf(file, run.signal)))) recipients.add(number)
  if (recipients.size === 0 && file === undefined && isLocal(run)) recipients.add(LOCAL.recipient)
  if (recipients.size === 0)
    throw new UsageError(file === undefined ? 'Who receives it? Give --to ORG' : `${file} names no organisation`)
  return [...recipients]
}

/** The organisation of an option in any spelling, nine digits. @throws UsageError */
export function organizationOf(name: string, spelled: string): string {
  const [number = '', ...more] = numbersIn(name, spelled)
  if (number === '' || more.length > 0) throw new UsageError(`${name} is one organisation, not ${spelled}`)
  return number
}

const textOf = (file: string, signal: AbortSignal) =>
  file === '-' ? inputText(process.stdin, signal) : readFile(file, 'utf8')

/** `#` begins a comment. */
const withoutComments = (list: string) => list.replaceAll(/#.*/g, '')

function numbersIn(where: string, list: string): string[] {
  const { numbers, faults } = organizationsIn(list)
  if (faults.length === 0) return numbers
  const shown = faults
    .slice(0, SHOWN)
    .map(({ text, fault }) => (fault === 'checkDigit' ? `${text} (its check digit is wrong)` : text))
  const more = faults.length > SHOWN ? ` and ${faults.length - SHOWN} more` : ''
  throw new UsageError(`${where}: not an organisation: ${shown.join(', ')}${more}`)
}
