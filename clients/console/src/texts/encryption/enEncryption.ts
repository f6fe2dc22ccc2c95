import type { nbEncryption } from './nbEncryption.js'

export const enEncryption: typeof nbEncryption = {
  encryption: 'Encryption',
  encryptedForRecipients: 'Encrypted for the recipients',
  encrypt: 'Encrypt for the recipients',
  encryptHelp:
    'The recipients alone can read the files; those who run Broker cannot. Each recipient must have published a key for the resource. The files are not scanned for viruses, and their names are not encrypted.',
  haveNoKey: (recipients) =>
    `Have published no key for the resource, so the file cannot be encrypted for them: ${recipients}. Ask them to publish a key, leave them out, or send without encryption.`,
  encrypting: (file) => `Encrypting ${file}`,
  encryptionProgress: (file) => `Progress of the encryption of ${file}`,
  sentEncryptedHelp: (until) =>
    `The recipients can download it until ${until}, and decrypt it by their private keys. Broker has got the encrypted file unchanged: the MD5 is right.`,
  keysUsed: 'The keys it is encrypted for',
  keysUsedHelp:
    'Compare them with what the recipients say by another way, and you know that nobody else can read the file.',
  noRoom: 'The browser has no room for the encrypted file. Make room on the disk, and try again.',
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
