/** Texts about moving the expiry of a published file, and withdrawing it. */
export const nbExpiry = {
  changeExpiry: 'Endre utløpstid',
  changeExpiryTitle: 'Når skal filen slettes?',
  changeExpiryHelp: (now: string) =>
    `Nå er det ${now}. Tiden kan bli kortere eller lengre, så lenge etter opprettelsen som tjenesten tillater. Mottakere som ikke har bekreftet, får beskjed.`,
  expiryDay: 'Dato (dd.mm.åååå)',
  expiryClock: 'Klokkeslett (tt:mm)',
  isNoClock: 'Skriv klokkeslettet som tt:mm, for eksempel 14:30',
  isPast: 'Velg et tidspunkt fram i tid. Vil du fjerne filen nå, kan du trekke den tilbake',
  isTooLate: (latest: string) => `Tjenesten tillater ikke at filen ligger så lenge. Det seneste er ${latest}`,
  saveExpiry: 'Lagre',
  keepExpiry: 'Ikke endre',
  expiryChanged: (time: string) => `Filen blir slettet ${time}.`,
  expiryMoved: (time: string) => `Utløpstiden ble endret til ${time}`,

  withdraw: 'Trekk filen tilbake',
  withdrawTitle: 'Trekke filen tilbake?',
  withdrawWarning: (file: string) =>
    `${file} blir slettet, og ingen kan laste den ned lenger. De som har lastet den ned, beholder den. Mottakerne kan lese begrunnelsen, og de som ikke har lastet ned filen, får beskjed. Dette kan ikke angres.`,
  withdrawReason: 'Begrunnelse',
  withdrawReasonHelp: 'Høyst 500 tegn, for eksempel: Feil fil ble sendt.',
  needsReason: 'Skriv hvorfor du trekker filen tilbake',
  reasonTooLong: 'Begrunnelsen er lengre enn 500 tegn',
  withdrawYes: 'Ja, trekk tilbake',
  withdrawNo: 'Nei, la filen ligge',
  withdrawn: 'Filen er trukket tilbake.',
  wasWithdrawn: 'Avsenderen har trukket filen tilbake. De som har lastet den ned, beholder den.',
  fileWithdrawn: 'Filen ble trukket tilbake',
  reasonWas: (reason: string) => `Begrunnelse: ${reason}`,
}
