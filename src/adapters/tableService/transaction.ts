import { randomUUID } from 'node:crypto'
import type { TableRequest, TableResponse } from './connection.js'
import { type Action, requestOf } from './operations.js'
import { serviceError } from './serviceError.js'

// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions

/** The request that makes these changes of one partition as one, or none. */
export function transactionOf(address: string, table: string, actions: Action[]): TableRequest {
  const id = randomUUID()
  const parts = actions.map((action) => partOf(address, requestOf(table, action)))
  const body = [
    `--batch_${id}`,
    `Content-Type: multipart/mixed; boundary=changeset_${id}`,
    '',
    ...parts.flatMap((part) => [`--changeset_${id}`, ...part]),
    `--changeset_${id}--`,
    `--batch_${id}--`,
    '',
  ].join('\r\n')
  return {
    method: 'POST',
    table,
    path: '/$batch',
    headers: { Accept: 'application/json', 'Content-Type': `multipart/mixed; boundary=batch_${id}` },
    body,
  }
}

const partOf = (address: string, { method, path, headers, body = '' }: TableRequest): string[] => [
  'Content-Type: application/http',
  'Content-Transfer-Encoding: binary',
  '',
  `${method} ${address}${path} HTTP/1.1`,
  'DataServiceVersion: 3.0',
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  '',
  body,
]

/** The ETags of the rows, in the order of the changes. @throws with the status of the change that was refused. */
export function etagsOf({ headers, text }: TableResponse, count: number): (string | undefined)[] {
  // By their status lines: a refusal of the whole need not be within a change set.
  const answers = text.split(/^HTTP\/1\.1 /m).slice(1)
  for (const answer of answers) {
    const statusCode = Number.parseInt(answer, 10)
    if (!(statusCode < 300)) throw serviceError({ statusCode, headers, text: /\{.*\}/s.exec(answer)?.[0] ?? '' })
  }
  if (answers.length !== count) throw new Error(`The tables answered ${answers.length} of ${count} changes.`)
  return answers.map((answer) => /^ETag: (.*?)\r?$/im.exec(answer)?.[1])
}
