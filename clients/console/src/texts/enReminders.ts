import type { nbReminders } from './nbReminders.js'

export const enReminders: typeof nbReminders = {
  reminders: 'Reminders',
  remindersHelp: 'For recipients who have not confirmed.',
  afterPublication: (duration) => `${duration} after the file was ready for download`,
  beforeExpiry: (duration) => `${duration} before the file is deleted`,
  nextReminder: (time) => `Next reminder: ${time}`,
  reminded: (whom) => `A reminder was sent to ${whom}`,
  remindedStatus: 'Reminder',
}
