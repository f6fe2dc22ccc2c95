import { BrokerProblem, KeysRefused, TokenRefused } from '../../../../typescript/src/index.js'
import type { Field } from './draft.js'

/** The fields that Broker's refusals of a new file transfer concern, by the code. */
const BY_CODE: Record<string, Field> = {
  'BRO-00002': 'resource',
  'BRO-00005': 'resource',
  'BRO-00006': 'resource',
  'BRO-00016': 'file',
  'BRO-00020': 'encryption',
  'BRO-00024': 'resource',
  'BRO-00025': 'resource',
  'BRO-00026': 'recipients',
  'BRO-00027': 'recipients',
  'BRO-00028': 'recipients',
  'BRO-08090': 'recipients',
}

/** By the field of the request, for those that it does not accept. */
const BY_NAME: Record<string, Field> = {
  filename: 'file',
  files: 'file',
  recipients: 'recipients',
  resourceid: 'resource',
  sendersfiletransferreference: 'reference',
  propertylist: 'properties',
}

/** The field of the form that a refusal concerns; undefined: none of them. */
export function fieldOf(error: unknown): Field | undefined {
  if (error instanceof KeysRefused) return 'recipients'
  if (!(error instanceof BrokerProblem)) return undefined
  const [name = ''] = Object.keys(error.errors)
  return BY_CODE[error.code ?? ''] ?? BY_NAME[/^[a-z]*/.exec(name.toLowerCase())?.[0] ?? '']
}

/** Whether the token gives no access (now): the sending may go on with another one. */
export const lacksAccess = (error: unknown): boolean =>
  (error instanceof BrokerProblem || error instanceof TokenRefused) && [401, 403].includes(error.status)

/** Whether the file can never be sent by this resource. */
export const isTooLarge = (error: unknown): boolean =>
  error instanceof BrokerProblem &&
  // Refusals of TUS are plain texts without a code.
  (error.code === 'BRO-00016' || error.status === 413 || /^Upload-Length is more/.test(error.detail ?? ''))
