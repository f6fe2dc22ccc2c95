/** The Norwegian texts about receipts. */
export const nbReceipt = {
  receipt: 'Kvittering',
  receiptHelp:
    'En signert erklæring om hvem som sendte filen til hvem, og når den ble publisert, lastet ned og bekreftet. Andre kan kontrollere den med kommandoen altinn-broker verify.',
  downloadReceipt: 'Last ned kvittering',
  receiptDownloaded: 'Kvitteringen er lastet ned.',
}
