import type { nbReceipt } from './nbReceipt.js'

export const enReceipt: typeof nbReceipt = {
  receipt: 'Receipt',
  receiptHelp:
    'A signed statement of who sent the file to whom, and when it was published, downloaded and confirmed. Others can verify it by the command altinn-broker verify.',
  downloadReceipt: 'Download receipt',
  receiptDownloaded: 'The receipt has been downloaded.',
}
