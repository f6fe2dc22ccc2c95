import { addSeconds } from '../duration.js'
import type { Reminders } from '../reminders.js'
import { type Fact, type FileTransfer, type Header, recipientsOf } from './state.js'

type Published = Pick<Header, 'reminders' | 'publishedAt' | 'expirationTime'>

/** When a reminder of a published transfer is due. */
const timeOf = (reminder: number, publishedAt: Date, expirationTime: Date) =>
  addSeconds(reminder > 0 ? publishedAt : expirationTime, reminder)

/** The reminders still to come; of a published transfer those that fall before the expiry as it is now. */
export function plannedReminders({ reminders = [], publishedAt, expirationTime }: Published): Reminders {
  if (!publishedAt) return reminders
  return reminders.filter((each) => timeOf(each, publishedAt, expirationTime) < expirationTime)
}

/** When the next reminder of a published transfer is due: in the past, where the expiry was moved. Undefined: never. */
export function nextReminder(header: Published): Date | undefined {
  const { publishedAt, expirationTime } = header
  if (!publishedAt) return undefined
  const times = plannedReminders(header).map((each) => timeOf(each, publishedAt, expirationTime))
  return times.toSorted((one, other) => one.getTime() - other.getTime())[0]
}

/** The transfer without the reminders whose time has come: they are past, or one reminder. */
export function withoutDueReminders(header: Header, at: Date): Header {
  const { reminders, publishedAt, expirationTime } = header
  if (!reminders || !publishedAt) return header
  return withReminders(
    header,
    reminders.filter((each) => timeOf(each, publishedAt, expirationTime) > at),
  )
}

/** The transfer with these reminders; without the property where there are none. */
export function withReminders({ reminders: _, ...header }: Header, reminders: Reminders): Header {
  return { ...header, ...(reminders.length > 0 && { reminders }) }
}

/** The reminder of all who have not confirmed. None once the transfer has expired: the file is about to be deleted. */
export function remind(transfer: FileTransfer, at: Date): Fact[] {
  if (transfer.status !== 'Published' || transfer.expirationTime <= at) return []
  const recipients = recipientsOf(transfer).filter((each) => transfer.recipients[each]?.status !== 'DownloadConfirmed')
  return recipients.length > 0 ? [{ type: 'DownloadReminded', recipients, at }] : []
}
