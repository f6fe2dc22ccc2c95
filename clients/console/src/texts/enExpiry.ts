import type { nbExpiry } from './nbExpiry.js'

export const enExpiry: typeof nbExpiry = {
  changeExpiry: 'Change expiry',
  changeExpiryTitle: 'When is the file to be deleted?',
  changeExpiryHelp: (now) =>
    `It is ${now} now. The time can be made shorter or longer, as long after the creation as the service allows. Recipients that have not confirmed are notified.`,
  expiryDay: 'Date (dd/mm/yyyy)',
  expiryClock: 'Time (hh:mm)',
  isNoClock: 'Write the time as hh:mm, for example 14:30',
  isPast: 'Choose a time to come. To remove the file now, withdraw it',
  isTooLate: (latest) => `The service does not keep the file that long. The latest is ${latest}`,
  saveExpiry: 'Save',
  keepExpiry: 'Do not change it',
  expiryChanged: (time) => `The file will be deleted ${time}.`,
  expiryMoved: (time) => `The expiry was changed to ${time}`,

  withdraw: 'Withdraw the file',
  withdrawTitle: 'Withdraw the file?',
  withdrawWarning: (file) =>
    `${file} is deleted, and nobody can download it any more. Recipients that have downloaded it keep it. Recipients can read the reason, and those that have not downloaded the file are notified. This cannot be undone.`,
  withdrawReason: 'Reason',
  withdrawReasonHelp: 'At most 500 characters, for example: The wrong file was sent.',
  needsReason: 'Write why you withdraw the file',
  reasonTooLong: 'The reason is longer than 500 characters',
  withdrawYes: 'Yes, withdraw it',
  withdrawNo: 'No, keep the file',
  withdrawn: 'The file is withdrawn.',
  wasWithdrawn: 'The sender has withdrawn the file. Recipients that have downloaded it keep it.',
  fileWithdrawn: 'The file was withdrawn',
  reasonWas: (reason) => `Reason: ${reason}`,
}
