import { z } from 'zod'
import { bareResourceId } from '../../../domain/resource.js'
import { parseDate } from '../../input/dateInput.js'
import { fileTransferStatus, recipientStatus } from '../responses/responses.js'
import { isUsableId, resourceIdOf } from './requests.js'

// What callers give in the query.

/** One of these names, in any case, or its number (spec 4.4). */
export const oneOf = <Name extends string>(names: Name[]) =>
  z
    .string()
    .meta({ enum: names })
    .transform((text, context) => {
      const found = names.find(
        (name, number) => name.toLowerCase() === text.trim().toLowerCase() || String(number) === text,
      )
      if (found === undefined) context.addIssue(`It must be one of ${names.join(', ')}.`)
      return found ?? z.NEVER
    })

/** As .NET reads it: in any case and with blanks around it, and no number. */
const flag = (name: string) =>
  z
    .string()
    .meta({ enum: ['false', 'true'] })
    .transform((text, context) => {
      const word = text.trim().toLowerCase()
      if (word === 'true' || word === 'false') return word === 'true'
      context.addIssue(`${name} must be true or false.`)
      return z.NEVER
    })

const dateTime = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const at = parseDate(text)
    if (at === undefined) context.addIssue('It must be a date and time, such as 2024-04-19T07:22:19Z.')
    return at ?? z.NEVER
  })

const POSITION = /^(\d{1,15})\.([0-9a-f-]{36})$/
/** Where a page of search results ended, as the `Link` header writes it. */
const searchPosition = z
  .string()
  .regex(POSITION, 'It must be taken from the Link header of a search.')
  .transform((text) => {
    const [, time, id = ''] = POSITION.exec(text) ?? []
    return { at: new Date(Number(time)), fileTransferId: id }
  })

/** The query of a search (spec 4.4). `continuation` comes from the Link header of the page before. */
export const search = z.object({
  resourceId: resourceIdOf('resourceId'),
  status: oneOf(fileTransferStatus.options).optional(),
  recipientStatus: oneOf(recipientStatus.options).optional(),
  from: dateTime.optional(),
  to: dateTime.optional(),
  orderAscending: flag('orderAscending').optional(),
  role: oneOf<'Recipient' | 'Sender'>(['Recipient', 'Sender']).optional(),
  continuation: searchPosition.optional(),
})

/** A whole number from 1 to `most`. */
export function wholeNumberTo(most: number, name: string) {
  const message = `${name} is a whole number, from 1 to ${most}.`
  return z
    .string()
    .regex(/^\d{1,3}$/, message)
    .transform(Number)
    .refine((number) => number >= 1 && number <= most, message)
}

const MAX_SUMMARIES = 100

/** The query of a list: a search in one role. `limit` is of a page. */
export const list = search
  .extend({
    role: oneOf<'Recipient' | 'Sender'>(['Recipient', 'Sender']),
    limit: wholeNumberTo(MAX_SUMMARIES, 'limit').default(MAX_SUMMARIES),
  })
  .refine(({ role, recipientStatus }) => role === 'Recipient' || recipientStatus === undefined, {
    path: ['recipientStatus'],
    message: 'It is the status of the caller, as a recipient: it goes with role=Recipient.',
  })

/** How old a transfer of the use-case tests is at least to be removed, in days. */
export const minAgeDays = z
  .string()
  .regex(/^\d{1,3}$/, 'minAgeDays is a whole number of days, from 0 to 365.')
  .transform(Number)
  .refine((days) => days <= 365, 'minAgeDays is at most 365.')
  .default(0)

const wholeNumber = (name: string) =>
  z
    .string()
    .regex(/^[+-]?\d{1,9}$/, `${name} is a whole number.`)
    .transform(Number)
    .default(0)

/** What a service owner asks to be counted (spec 9.1). */
export const monthlyStatistics = z.object({
  year: wholeNumber('year'),
  month: wholeNumber('month'),
  resourceId: z
    .string()
    .trim()
    .transform(bareResourceId)
    .refine((id) => id !== '' && isUsableId(id), 'resourceId must be the id of a resource.')
    .optional(),
  includeEndUser: flag('includeEndUser').default(true),
  includeVendor: flag('includeVendor').default(false),
})
