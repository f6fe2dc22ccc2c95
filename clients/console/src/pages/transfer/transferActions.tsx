import { Alert, Button, Paragraph } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { isDownloadable, isFinal } from '../../../../typescript/src/wire/statuses.js'
import { CancelButton } from '../../components/cancelButton.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { ProgressBar } from '../../components/progressBar.js'
import { sizeText } from '../../format/numbers.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { type Downloaded, MEMORY_BYTES, useDownload } from '../../state/download.js'
import { sendingJobsOf } from '../../state/sending/jobs.js'
import type { Texts } from '../../texts/nb.js'
import { ChangeExpiry } from './changeExpiry.js'
import { PrivateKeysChoice } from './privateKeysChoice.js'
import { WithdrawButton } from './withdrawButton.js'

const COLORS = { downloaded: 'success', saved: 'success', byLink: 'info', tooLarge: 'warning' } as const

type Props = { details: FileTransferDetails; onChanged: () => void }

/** The actions on a file transfer that Broker accepts in its current status. */
export function TransferActions({ details, onChanged }: Props) {
  const texts = useTexts()
  const session = useSession()
  const { broker, organization } = session
  const { fileTransferId: id, fileTransferStatus: status } = details
  const own = details.recipients.find(({ recipient }) => organizationNumber(recipient) === organization)
  const ownStatus = own?.currentRecipientFileTransferStatusCode
  const hasFile = isDownloadable(status)
  const isUnderWay = !hasFile && !isFinal(status)

  const [error, setError] = useState<unknown>()
  const [done, setDone] = useState<{ says: string; as: Downloaded['as'] }>()
  const announce = useAnnounce()
  const report = (says: string, as: Downloaded['as'] = 'downloaded') => {
    setDone({ says, as })
    announce(says)
  }
  const reportChange = (says: string) => {
    report(says)
    onChanged()
  }
  const act = (call: () => Promise<void>) => async () => {
    setError(undefined)
    await call().then(onChanged, setError)
  }
  const { download, progress, stop } = useDownload(details)
  const downloadAndReport = async () => {
    const downloaded = await download()
    if (downloaded) report(downloadedText(downloaded, details, texts), downloaded.as)
  }

  return (
    <div className="actions">
      {own && hasFile && details.encryption === 'age' && <PrivateKeysChoice />}
      {own && hasFile && !progress && <Button onClick={act(downloadAndReport)}>{texts.download}</Button>}
      {own && status === 'Published' && ownStatus === 'DownloadStarted' && !progress && (
        <>
          <Button
            variant="secondary"
            aria-describedby="confirm-help"
            onClick={act(() => broker.confirmDownload(id).then(() => report(texts.confirmed)))}
          >
            {texts.confirm}
          </Button>
          <Paragraph id="confirm-help" data-size="sm" className="subtle">
            {confirmHelp(details, organization, texts)}
          </Paragraph>
        </>
      )}
      {organizationNumber(details.sender) === organization && isUnderWay && (
        <CancelButton
          text={texts.cancel}
          fileName={details.fileName}
          onCancel={act(() => sendingJobsOf(session).cancelTransfer(id))}
        />
      )}
      {organizationNumber(details.sender) === organization && status === 'Published' && (
        <>
          <ChangeExpiry details={details} onDone={reportChange} />
          <WithdrawButton details={details} onDone={reportChange} />
        </>
      )}
      {progress && (
        <div className="downloading">
          <ProgressBar label={texts.downloading} done={progress.receivedBytes} total={progress.totalBytes} />
          <Button variant="secondary" data-size="sm" onClick={stop}>
            {texts.stopDownload}
          </Button>
        </div>
      )}
      {error !== undefined && <ProblemAlert error={error} />}
      {done && error === undefined && <Alert data-color={COLORS[done.as]}>{done.says}</Alert>}
    </div>
  )
}

/** What follows when the organisation confirms its download. */
function confirmHelp({ recipients }: FileTransferDetails, organization: string, texts: Texts): string {
  const others = recipients.filter(({ recipient }) => organizationNumber(recipient) !== organization)
  if (others.length === 0) return texts.confirmOnlyHelp
  const isLast = others.every((each) => each.currentRecipientFileTransferStatusCode === 'DownloadConfirmed')
  return isLast ? texts.confirmLastHelp : texts.confirmHelp
}

function downloadedText(
  downloaded: Downloaded,
  { fileName, fileTransferId, encryption }: FileTransferDetails,
  texts: Texts,
): string {
  const sizeOf = (bytes: number) => sizeText(bytes, texts.locale)
  const asSent = (says: string) => (encryption === 'age' ? `${says} ${texts.stillEncrypted}` : says)
  switch (downloaded.as) {
    case 'byLink':
      return asSent(texts.downloadByLink(fileName))
    case 'tooLarge':
      return texts.tooLargeHere(sizeOf(MEMORY_BYTES), fileTransferId)
    case 'downloaded':
    case 'saved': {
      const { decryptedAs } = downloaded
      if (decryptedAs !== undefined)
        return { downloaded: texts.downloadedDecrypted, saved: texts.savedDecrypted }[downloaded.as](decryptedAs)
      const { isVerified, sizeBytes } = downloaded.received
      const words = {
        downloaded: isVerified ? texts.downloaded : texts.downloadedUnverified,
        saved: isVerified ? texts.savedVerified : texts.savedUnverified,
      }[downloaded.as]
      return asSent(words(fileName, sizeOf(sizeBytes)))
    }
  }
}
