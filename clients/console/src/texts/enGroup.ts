import type { nbGroup } from './nbGroup.js'

export const enGroup: typeof nbGroup = {
  group: 'Group',
  groupOf: (reference) => `Group ${reference}`,
  fileOfGroup: (number, count) => `File ${number} of ${count} in a group`,
  sendAsGroup: 'Send them as one group',
  sendAsGroupHelp: 'The recipients see that the files belong together, and can confirm all of them in one step.',
  showGroup: 'Show the group',
  aboutGroup: 'About the group',
  groupFiles: 'The files of the group',
  groupFilesLeft: (left, count) => `Broker has ${left} of the ${count} file transfers now.`,
  findFile: 'Find file (name or status)',
  filePages: 'Pages of files',
  confirmAll: 'Confirm all',
  confirmAllHelp:
    'Confirm when you have stored all files. The sender is notified, and files that all recipients have confirmed may be deleted at Broker.',
  confirmAllTitle: 'Confirm all files?',
  confirmAllYes: 'Yes, confirm all',
  confirmAllNo: 'No, not yet',
  allConfirmed: 'The files are confirmed.',
  noneConfirmed: 'No file was confirmed',
}
