/**
 * When the recipients who have not confirmed are reminded, in seconds: a positive number counts from the publication, a
 * negative one before the expiry. Distinct, in the order of `sortedReminders`.
 */
export type Reminders = number[]

/** Each once: those after the publication before those before the expiry, and in each group by time. */
export const sortedReminders = (reminders: Reminders): Reminders =>
  [...new Set(reminders)].toSorted((one, other) => Number(one < 0) - Number(other < 0) || one - other)
