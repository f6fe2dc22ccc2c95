/**
 * When the recipients who have not confirmed are reminded, in seconds: a positive number counts from the publication, a
 * negative one before the expiry. Distinct, in the order of `sortedReminders`.
 */
export type Reminders = number[]

/** The most reminders of a resource. */
export const MAX_REMINDERS = 10
/** The longest time from the publication or before the expiry. */
export const MAX_REMINDER_SECONDS = 365 * 86_400

/** Each once: those after the publication before those before the expiry, and in each group by time. */
export const sortedReminders = (reminders: Reminders): Reminders =>
  [...new Set(reminders)].toSorted((one, other) => Number(one < 0) - Number(other < 0) || one - other)

/** The reminders of a new transfer: those that its sender chose, else all of the resource; undefined: one is not offered. */
export function chosenReminders(offered: Reminders, chosen: Reminders | undefined): Reminders | undefined {
  if (!chosen) return offered
  return chosen.every((each) => offered.includes(each)) ? chosen : undefined
}
