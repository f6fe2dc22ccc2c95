/** The texts of the page of the organisation's own keys. */
export const nbKeys = {
  title: 'Nøkler',
  intro:
    'Avsendere kan kryptere filer slik at bare dere kan lese dem. Til det bruker de den offentlige nøkkelen dere har publisert for ressursen. Filene dekrypteres med den private nøkkelen, som bare dere har.',
  loading: 'Laster nøkkelen …',
  publishedKey: 'Publisert nøkkel',
  none: 'Dere har ikke publisert noen nøkkel for denne ressursen.',
  publicKey: 'Offentlig nøkkel',
  since: 'Publisert',
  warning:
    'Mister dere filen med den private nøkkelen, kan dere ikke lese noen av filene som er kryptert for den, og ingen kan hjelpe dere. Ta vare på en tidligere privat nøkkel så lenge filer for den er på vei.',
  newKey: 'Lag en ny nøkkel',
  newKeyHelp:
    'Nøklene lages i denne siden. Først lastes filen med den private nøkkelen ned. Når du har den, publiseres den offentlige, i stedet for den som eventuelt er publisert nå.',
  make: 'Lag nøkkel og last ned filen',
  hasFileTitle: 'Har du filen med den private nøkkelen?',
  hasFileHelp:
    'Se etter at den er lastet ned, og lagre den på et trygt sted. Siden glemmer den private nøkkelen nå. Deretter publiseres denne offentlige nøkkelen:',
  hasFileYes: 'Ja, publiser nøkkelen',
  hasFileNo: 'Nei, ikke publiser den',
  ownKey: 'Publiser en nøkkel dere har',
  ownKeyHelp: 'age1 og 58 tegn, slik age-keygen skriver den. Den erstatter den som eventuelt er publisert nå.',
  isNoKey: 'Dette er ikke en offentlig nøkkel, eller den er skrevet feil. Den skal være age1 og 58 tegn.',
  publish: 'Publiser nøkkelen',
  published: 'Nøkkelen er publisert.',
  withdraw: 'Trekk nøkkelen tilbake',
  withdrawTitle: 'Trekke nøkkelen tilbake?',
  withdrawHelp:
    'Etterpå kan ingen kryptere filer for dere i denne ressursen. Filer som er sendt, er fortsatt kryptert for den: ta vare på den private nøkkelen.',
  withdrawYes: 'Ja, trekk den tilbake',
  withdrawNo: 'Nei, behold den',
  withdrawn: 'Nøkkelen er trukket tilbake.',
}
