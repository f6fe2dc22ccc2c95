import { Alert, Button } from '@digdir/designsystemet-react'
import { useEffect, useRef, useState } from 'preact/hooks'
import { blobSink, type FileTransferDetails, type Received } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { isDownloadable, isFinal } from '../../../../typescript/src/wire/statuses.js'
import { CancelButton } from '../../components/cancelButton.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { ProgressBar } from '../../components/progressBar.js'
import { sizeText } from '../../format/numbers.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { sendingJobsOf } from '../../state/sendingJob.js'

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
  const [done, setDone] = useState('')
  const announce = useAnnounce()
  const report = (says: string) => {
    setDone(says)
    announce(says)
  }
  const act = (call: () => Promise<void>) => async () => {
    setError(undefined)
    await call().then(onChanged, setError)
  }
  const { download, progress, stop } = useDownload(id, ({ fileName, sizeBytes, isVerified }) => {
    const words = isVerified ? texts.downloaded : texts.downloadedUnverified
    report(words(fileName, sizeText(sizeBytes, texts.locale)))
  })

  return (
    <div className="actions">
      {own && hasFile && !progress && <Button onClick={act(download)}>{texts.download}</Button>}
      {own && status === 'Published' && ownStatus === 'DownloadStarted' && !progress && (
        <Button variant="secondary" onClick={act(() => broker.confirmDownload(id).then(() => report(texts.confirmed)))}>
          {texts.confirm}
        </Button>
      )}
      {organizationNumber(details.sender) === organization && isUnderWay && (
        <CancelButton
          text={texts.cancel}
          fileName={details.fileName}
          onCancel={act(() => sendingJobsOf(session).cancel(id))}
        />
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
      {done && error === undefined && <Alert data-color="success">{done}</Alert>}
    </div>
  )
}

type Progress = { receivedBytes: number; totalBytes: number }

/** Downloads the file, verifies it, and saves it as a download of the browser. */
function useDownload(id: string, onDone: (received: Received) => void) {
  const { broker } = useSession()
  const [progress, setProgress] = useState<Progress>()
  const stopping = useRef(new AbortController())
  useEffect(() => () => stopping.current.abort(), [])

  const download = async () => {
    stopping.current = new AbortController()
    const { signal } = stopping.current
    const sink = blobSink()
    setProgress({ receivedBytes: 0, totalBytes: 1 })
    try {
      const received = await broker.receive(id, sink, { signal, onProgress: setProgress })
      save(sink.blob(), received.fileName)
      onDone(received)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      setProgress(undefined)
    }
  }
  return { progress, download, stop: () => stopping.current.abort() }
}

function save(blob: Blob, fileName: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = fileName
  link.click()
  // By then the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
