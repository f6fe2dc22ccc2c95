/** The Norwegian texts about reminders. */
export const nbReminders = {
  reminders: 'Påminnelser',
  remindersHelp: 'Går til mottakere som ikke har bekreftet.',
  afterPublication: (duration: string) => `${duration} etter at filen ble klar for nedlasting`,
  beforeExpiry: (duration: string) => `${duration} før filen slettes`,
  nextReminder: (time: string) => `Neste påminnelse: ${time}`,
  reminded: (whom: string) => `Påminnelse ble sendt til ${whom}`,
  remindedStatus: 'Påminnelse',
}
