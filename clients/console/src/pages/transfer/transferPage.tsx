import { Alert, Heading, Paragraph, Spinner } from '@digdir/designsystemet-react'
import { useEffect, useRef } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { FailureText } from '../../components/failureText.js'
import { PageHeading } from '../../components/pageHeading.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { StatusTag } from '../../components/statusTag.js'
import { cancelReason } from '../../format/cancelReason.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { useFileTransfer } from '../../state/fileTransfer.js'
import { BackLink } from './backLink.js'
import { DeliveryList } from './deliveryList.js'
import { ReceiptSection } from './receiptSection.js'
import { TimelineList } from './timelineList.js'
import { TransferActions } from './transferActions.js'
import { TransferFacts } from './transferFacts.js'

/** One file transfer, updated while it changes. */
export function TransferPage({ id }: { id: string }) {
  const texts = useTexts()
  const { broker } = useSession()
  const { details, events, error, refresh } = useFileTransfer(broker, id)
  useStatusAnnounced(details)

  if (!details)
    return error === undefined ? (
      <Spinner aria-label={texts.loading} />
    ) : (
      <>
        <PageHeading title={texts.file} />
        <ProblemAlert error={error} onRetry={refresh} />
      </>
    )
  return (
    <>
      <BackLink sender={details.sender} />
      <div className="title">
        <PageHeading title={details.fileName} />
        <StatusTag status={details.fileTransferStatus} />
        <code className="subtle">{details.fileTransferStatus}</code>
      </div>
      <Ending details={details} />
      {error !== undefined && <ProblemAlert error={error} onRetry={refresh} />}
      <TransferActions details={details} onChanged={refresh} />
      <div className="columns">
        <TransferFacts details={details} />
        <section aria-labelledby="timeline">
          <Heading level={2} data-size="sm" id="timeline">
            {texts.timeline}
          </Heading>
          <TimelineList details={details} />
        </section>
      </div>
      <ReceiptSection details={details} />
      {events && events.length > 0 && (
        <section aria-labelledby="events">
          <Heading level={2} data-size="sm" id="events">
            {texts.events}
          </Heading>
          <Paragraph data-size="sm" className="subtle">
            {texts.eventsHelp}
          </Paragraph>
          <DeliveryList events={events} />
        </section>
      )}
    </>
  )
}

/** Why the file cannot be downloaded, when the transfer failed, was cancelled or purged. */
function Ending({ details }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const { fileTransferStatus: status, fileTransferStatusText: reason } = details
  if (status === 'Failed')
    return (
      <Alert data-color="danger">
        <FailureText reason={reason} />
      </Alert>
    )
  if (status === 'Cancelled') {
    const given = cancelReason(reason)
    return (
      <Alert data-color="warning">
        <Paragraph>{details.published ? texts.wasWithdrawn : texts.wasCancelled}</Paragraph>
        {given && (
          <Paragraph className="written">
            <bdi>{texts.reasonWas(given)}</bdi>
          </Paragraph>
        )}
      </Alert>
    )
  }
  if (status === 'Purged') return <Alert data-color="info">{texts.wasPurged}</Alert>
  return null
}

/** Announces each new status to screen readers, except the first: it is read with the page. */
function useStatusAnnounced(details: FileTransferDetails | undefined) {
  const texts = useTexts()
  const announce = useAnnounce()
  const lastStatus = useRef('')
  useEffect(() => {
    if (!details) return
    const status = details.fileTransferStatus
    if (lastStatus.current !== '' && lastStatus.current !== status) {
      announce(texts.isNow(details.fileName, texts.statuses[status]))
    }
    lastStatus.current = status
  }, [details, announce, texts])
}
