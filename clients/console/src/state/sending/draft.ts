import type { Sending } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'

/** The values of the form that sends a file. */
export type Draft = {
  hasFile: boolean
  resource: string
  /** Chosen from the organisations of the local stack. */
  recipients: string[]
  /** Typed: numbers separated by commas, spaces or line breaks. */
  otherRecipients: string
  reference: string
  /** `name=value`, one on each line. */
  properties: string
}

/** The error of a field: it is empty, or `text` is invalid. */
export type Fault =
  | { field: 'file' | 'recipients' | 'resource' | 'reference' }
  | { field: 'otherRecipients' | 'properties'; text: string }

/** The file transfer of the draft, or all its errors in the order of the form. */
export function sendingIn(
  draft: Draft,
  sender: string,
): { sending: Sending; faults?: never } | { sending?: never; faults: Fault[] } {
  const typed = draft.otherRecipients.split(/[\s,;]+/).filter(Boolean)
  const recipients = [...new Set([...draft.recipients, ...typed.map(organizationNumber)])]
  const lines = draft.properties
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const properties = lines.map((line) => /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? line)

  const faults: Fault[] = []
  if (!draft.hasFile) faults.push({ field: 'file' })
  if (recipients.length === 0) faults.push({ field: 'recipients' })
  for (const text of typed) {
    if (!/^(0192:)?\d{9}$/.test(text)) faults.push({ field: 'otherRecipients', text })
  }
  if (!draft.resource.trim()) faults.push({ field: 'resource' })
  if (!draft.reference.trim()) faults.push({ field: 'reference' })
  for (const each of properties) {
    if (typeof each === 'string') faults.push({ field: 'properties', text: each })
  }
  if (faults.length > 0) return { faults }

  const pairs = properties.flatMap((each) => (typeof each === 'string' ? [] : [[each[1], each[2]]]))
  return {
    sending: {
      resourceId: draft.resource.trim(),
      sendersFileTransferReference: draft.reference.trim(),
      sender,
      recipients,
      ...(pairs.length > 0 && { propertyList: Object.fromEntries(pairs) }),
    },
  }
}
