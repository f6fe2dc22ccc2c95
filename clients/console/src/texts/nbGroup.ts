/** The texts of groups: several files that were sent together. */
export const nbGroup = {
  group: 'Gruppe',
  groupOf: (reference: string) => `Gruppe ${reference}`,
  fileOfGroup: (number: number, count: number) => `Fil ${number} av ${count} i en gruppe`,
  sendAsGroup: 'Send dem som én gruppe',
  sendAsGroupHelp: 'Mottakerne ser at filene hører sammen, og kan bekrefte alle samtidig.',
  showGroup: 'Vis gruppen',
  aboutGroup: 'Om gruppen',
  groupFiles: 'Filene i gruppen',
  groupFilesLeft: (left: number, count: number) => `Broker har ${left} av de ${count} filoverføringene nå.`,
  findFile: 'Finn fil (navn eller status)',
  filePages: 'Sider med filer',
  confirmAll: 'Bekreft alle',
  confirmAllHelp:
    'Bekreft når alle filene er lagret hos dere. Avsenderen får vite det, og filer som alle mottakere har bekreftet, kan bli slettet hos Broker.',
  confirmAllTitle: 'Bekrefte mottak av alle filene?',
  confirmAllYes: 'Ja, bekreft alle',
  confirmAllNo: 'Nei, ikke ennå',
  allConfirmed: 'Mottaket av filene er bekreftet.',
  noneConfirmed: 'Ingen fil ble bekreftet',
}
