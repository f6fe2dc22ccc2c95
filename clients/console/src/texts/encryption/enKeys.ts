import type { nbKeys } from './nbKeys.js'

export const enKeys: typeof nbKeys = {
  title: 'Keys',
  intro:
    'Senders can encrypt files so that you alone can read them. For that they use the public key that you have published for the resource. The files are decrypted by the private key, which you alone have.',
  loading: 'Loading the key …',
  publishedKey: 'Published key',
  none: 'You have published no key for this resource.',
  publicKey: 'Public key',
  since: 'Published',
  warning:
    'If you lose the file with the private key, you can read none of the files that are encrypted for it, and nobody can help you. Keep an earlier private key while files for it are on their way.',
  newKey: 'Make a new key',
  newKeyHelp:
    'The keys are made in this page. First the file with the private key is downloaded. When you have it, the public one is published, in place of the one that may be published now.',
  make: 'Make a key and download the file',
  hasFileTitle: 'Do you have the file with the private key?',
  hasFileHelp:
    'See that it is downloaded, and store it in a safe place. The page forgets the private key now. Then this public key is published:',
  hasFileYes: 'Yes, publish the key',
  hasFileNo: 'No, do not publish it',
  ownKey: 'Publish a key that you have',
  ownKeyHelp: 'age1 and 58 characters, as age-keygen writes it. It replaces the one that may be published now.',
  isNoKey: 'This is not a public key, or it is misspelled. It should be age1 and 58 characters.',
  publish: 'Publish the key',
  published: 'The key is published.',
  withdraw: 'Withdraw the key',
  withdrawTitle: 'Withdraw the key?',
  withdrawHelp:
    'Afterwards nobody can encrypt files for you in this resource. Files that were sent are still encrypted for it: keep the private key.',
  withdrawYes: 'Yes, withdraw it',
  withdrawNo: 'No, keep it',
  withdrawn: 'The key is withdrawn.',
}
