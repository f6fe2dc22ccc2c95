/** The texts about files that are encrypted for their recipients, and about the keys for it. */
export const nbEncryption = {
  encryption: 'Kryptering',
  encryptedForRecipients: 'Kryptert for mottakerne',
  encrypt: 'Krypter for mottakerne',
  encryptHelp:
    'Bare mottakerne kan lese filene, ikke de som drifter Broker. Hver mottaker må ha publisert en nøkkel for ressursen. Filene kontrolleres ikke for virus, og navnene på dem krypteres ikke.',
  haveNoKey: (recipients: string) =>
    `Har ikke publisert noen nøkkel for ressursen, så filen kan ikke krypteres for dem: ${recipients}. Be dem publisere en nøkkel, ta dem bort, eller send uten kryptering.`,
  encrypting: (file: string) => `Krypterer ${file}`,
  encryptionProgress: (file: string) => `Fremdrift for krypteringen av ${file}`,
  sentEncryptedHelp: (until: string) =>
    `Mottakerne kan laste den ned inntil ${until}, og dekryptere den med sine private nøkler. Broker har fått den krypterte filen uendret: MD5 stemmer.`,
  keysUsed: 'Nøklene den er kryptert for',
  keysUsedHelp: 'Sammenlign dem med det mottakerne sier på en annen måte, så vet du at ingen andre kan lese filen.',
  noRoom: 'Nettleseren har ikke plass til den krypterte filen. Frigjør plass på disken, og prøv igjen.',
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
