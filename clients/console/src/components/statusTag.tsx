import { Tag } from '@digdir/designsystemet-react'
import type { FileTransferStatus, RecipientStatus } from '../../../typescript/src/index.js'
import { useTexts } from '../state/context.js'

type Color = 'info' | 'success' | 'warning' | 'danger' | 'neutral'

const COLORS: Record<FileTransferStatus, Color> = {
  Initialized: 'neutral',
  UploadStarted: 'warning',
  UploadProcessing: 'warning',
  Published: 'info',
  Cancelled: 'neutral',
  AllConfirmedDownloaded: 'success',
  Purged: 'neutral',
  Failed: 'danger',
}
const RECIPIENT_COLORS: Record<RecipientStatus, Color> = {
  Initialized: 'neutral',
  DownloadStarted: 'info',
  DownloadConfirmed: 'success',
}

/** The status of a file transfer in words; its tooltip is the name in the API. */
export function StatusTag({ status }: { status: FileTransferStatus }) {
  const texts = useTexts()
  return (
    <Tag data-color={COLORS[status]} data-status={status} title={status}>
      {texts.statuses[status]}
    </Tag>
  )
}

export function RecipientTag({ status }: { status: RecipientStatus }) {
  const texts = useTexts()
  return (
    <Tag data-color={RECIPIENT_COLORS[status]} data-status={status} title={status}>
      {texts.recipientStatuses[status]}
    </Tag>
  )
}
