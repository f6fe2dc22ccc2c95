/** The texts about files that are encrypted for their recipients, and about the keys for it. */
export const nbEncryption = {
  encryption: 'Kryptering',
  encryptedForRecipients: 'Kryptert for mottakerne',
  privateKeys: 'Private nøkler',
  privateKeysHelp:
    'Filen er kryptert for mottakerne. Velg filen med den private nøkkelen deres, så dekrypteres den her mens den lastes ned. Ellers laster du den ned kryptert.',
  choosePrivateKeys: 'Slipp filen med private nøkler her',
  noPrivateKeys: 'Dette er ikke en fil med private nøkler. Hver linje skal være AGE-SECRET-KEY-1 og 58 tegn.',
  privateKeysChosen: (count: number) =>
    count === 1
      ? 'En privat nøkkel er valgt. Den er bare i minnet til denne siden, og glemmes når den lukkes.'
      : `${count} private nøkler er valgt. De er bare i minnet til denne siden, og glemmes når den lukkes.`,
  forgetPrivateKeys: 'Glem de private nøklene',
  privateKeysForgotten: 'De private nøklene er glemt.',
  downloadedDecrypted: (file: string) => `${file} er dekryptert og lastet ned.`,
  savedDecrypted: (file: string) => `${file} er dekryptert og lagret.`,
  stillEncrypted: 'Den er fortsatt kryptert.',
  notDecrypted:
    'Filen kan ikke dekrypteres: den er ikke kryptert for noen av de private nøklene, eller den er skadet. Ingenting er lagret eller bekreftet. Velg en annen fil med private nøkler, eller be avsenderen sende filen på nytt.',
}
