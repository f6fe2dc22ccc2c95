import { ENCRYPTED, encryptedName } from '../../../../typescript/src/encryption/encrypt.js'
import type { Sending } from '../../../../typescript/src/index.js'
import { organizationsIn } from '../../../../typescript/src/wire/organization.js'

/** The values of the form that sends files. */
export type Draft = {
  resource: string
  /** Chosen from the organisations of the local stack. */
  recipients: string[]
  /** Typed or pasted, in any spelling. */
  otherRecipients: string
  reference: string
  /** `name=value`, one on each line. */
  properties: string
  /** Several files are sent as one group. */
  isGroup: boolean
  /** The files are encrypted for their recipients. */
  isEncrypted: boolean
}

export type Field = 'file' | 'recipients' | 'otherRecipients' | 'resource' | 'reference' | 'properties' | 'encryption'

/** What is wrong with a field. `texts` are the parts of its value that are meant. */
export type Fault = { field: Field; wrong: Wrong; texts: string[] }

type Wrong =
  | 'missing'
  | 'tooMany'
  | 'tooLong'
  | 'tooLarge'
  | 'noOrganization'
  | 'checkDigit'
  | 'noProperty'
  | 'nameTooLong'
  | 'valueTooLong'
  | 'twice'

/** What Broker takes. Larger files need to be sent without a virus scan, which the console does not ask for. */
export const LIMITS = {
  fileBytes: 50_000_000_000,
  groupFiles: 100,
  fileName: 255,
  recipients: 1000,
  reference: 4096,
  properties: 10,
  propertyName: 50,
  propertyValue: 3000,
}

/** The sending of the draft, each recipient once, and all that is wrong with it in the order of the form. */
export function sendingIn(draft: Draft, files: { name: string; size: number }[], sender: string) {
  const faults: Fault[] = []
  const check = (field: Field, wrong: Wrong, isWrong: boolean | string[]) => {
    const texts = Array.isArray(isWrong) ? isWrong : []
    if (isWrong === true || texts.length > 0) faults.push({ field, wrong, texts })
  }
  const namesOf = (found: { name: string }[]) => found.map(({ name }) => name)
  const nameOf = (name: string) => (draft.isEncrypted ? encryptedName(name) : name)
  check('file', 'missing', files.length === 0)
  const isGroup = draft.isGroup && files.length > 1
  check('file', 'tooMany', isGroup && files.length > LIMITS.groupFiles)
  check('file', 'tooLong', namesOf(files.filter(({ name }) => nameOf(name).length > LIMITS.fileName)))
  check('file', 'tooLarge', namesOf(files.filter(({ size }) => size > LIMITS.fileBytes)))

  const typed = organizationsIn(draft.otherRecipients)
  const recipients = [...new Set([...draft.recipients, ...typed.numbers])]
  const textsOf = (fault: 'noOrganization' | 'checkDigit') =>
    typed.faults.filter((each) => each.fault === fault).map(({ text }) => text)
  check('recipients', 'missing', recipients.length === 0 && typed.faults.length === 0)
  check('otherRecipients', 'noOrganization', textsOf('noOrganization'))
  check('otherRecipients', 'checkDigit', textsOf('checkDigit'))
  check('otherRecipients', 'tooMany', recipients.length > LIMITS.recipients)

  check('resource', 'missing', !draft.resource.trim())
  check('reference', 'missing', !draft.reference.trim())
  check('reference', 'tooLong', draft.reference.trim().length > LIMITS.reference)

  const { properties, misspelled } = propertiesIn(draft.properties)
  const names = properties.map(([name]) => name)
  check('properties', 'noProperty', misspelled)
  check('properties', 'tooMany', properties.length > LIMITS.properties)
  check(
    'properties',
    'nameTooLong',
    names.filter((name) => name.length > LIMITS.propertyName),
  )
  const isLong = ([, value]: [string, string]) => value.length > LIMITS.propertyValue
  check(
    'properties',
    'valueTooLong',
    properties.filter(isLong).map(([name]) => name),
  )
  check('properties', 'twice', [...new Set(names.filter((name, index) => names.indexOf(name) !== index))])

  const sending: Sending = {
    resourceId: draft.resource.trim(),
    sendersFileTransferReference: draft.reference.trim(),
    sender,
    recipients,
    ...(draft.isEncrypted && ENCRYPTED),
    ...(properties.length > 0 && { propertyList: Object.fromEntries(properties) }),
  }
  return { sending, faults, isGroup }
}

function propertiesIn(text: string): { properties: [string, string][]; misspelled: string[] } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const parsed = lines.map((line) => /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? line)
  return {
    properties: parsed.flatMap((each) => (typeof each === 'string' ? [] : [[each[1] ?? '', each[2] ?? '']])),
    misspelled: parsed.filter((each) => typeof each === 'string'),
  }
}
