import type { nbEncryption } from './nbEncryption.js'

export const enEncryption: typeof nbEncryption = {
  encryption: 'Encryption',
  encryptedForRecipients: 'Encrypted for the recipients',
  privateKeys: 'Private keys',
  privateKeysHelp:
    'The file is encrypted for its recipients. Choose the file with your private key, and it is decrypted here while it is downloaded. Otherwise you download it encrypted.',
  choosePrivateKeys: 'Drop the file of private keys here',
  noPrivateKeys: 'This is not a file of private keys. Each line should be AGE-SECRET-KEY-1 and 58 characters.',
  privateKeysChosen: (count) =>
    count === 1
      ? 'One private key is chosen. It is in the memory of this page alone, and forgotten when that is closed.'
      : `${count} private keys are chosen. They are in the memory of this page alone, and forgotten when that is closed.`,
  forgetPrivateKeys: 'Forget the private keys',
  privateKeysForgotten: 'The private keys are forgotten.',
  downloadedDecrypted: (file) => `${file} has been decrypted and downloaded.`,
  savedDecrypted: (file) => `${file} has been decrypted and saved.`,
  stillEncrypted: 'It is still encrypted.',
  notDecrypted:
    'The file cannot be decrypted: it is not encrypted for any of the private keys, or it is damaged. Nothing has been saved or confirmed. Choose another file of private keys, or ask the sender to send the file again.',
}
