import { Button, Card, Heading, Link, Paragraph } from '@digdir/designsystemet-react'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CancelButton } from '../../components/cancelButton.js'
import { Fact } from '../../components/fact.js'
import { OrganizationName } from '../../components/organizationName.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { ProgressBar } from '../../components/progressBar.js'
import { durationText, sizeText } from '../../format/numbers.js'
import { isPermanent } from '../../format/problemWords.js'
import { useAnnounce, useTexts } from '../../state/context.js'
import { transferHref } from '../../state/route.js'
import type { Job, SendingJobs } from '../../state/sending/jobs.js'
import type { Texts } from '../../texts/nb.js'

/** The progress of an upload, and its actions. */
export function SendingStatus({ job, jobs }: { job: Job; jobs: SendingJobs }) {
  const texts = useTexts()
  const { file, state, sentBytes, fileTransferId, error } = job
  const title = {
    sending: texts.sending,
    checking: texts.sending,
    paused: texts.pausedTitle,
    sent: texts.sentTitle,
    failed: texts.notSentTitle,
  }[state](file.name)
  useTitleAnnounced(title)
  const [refusal, setRefusal] = useState<unknown>()

  if (state === 'failed')
    return (
      <div className="stack">
        <ProblemAlert error={error} title={title} {...(!isPermanent(error) && { onRetry: jobs.resume })} />
        <div className="choices">
          <Button variant="secondary" onClick={jobs.dismiss}>
            {texts.back}
          </Button>
          {fileTransferId && <Link href={transferHref(fileTransferId)}>{texts.showTransfer}</Link>}
        </div>
      </div>
    )
  return (
    <Card
      data-color={state === 'sent' ? 'success' : 'neutral'}
      variant={state === 'sent' ? 'tinted' : 'default'}
      className="sending"
    >
      <Heading level={2} data-size="sm">
        {title}
      </Heading>
      {state === 'sent' ? (
        <>
          <Paragraph>{texts.sentHelp}</Paragraph>
          <div className="choices">
            <Button asChild data-color="accent">
              <a href={transferHref(fileTransferId ?? '')}>{texts.showTransfer}</a>
            </Button>
            <Button variant="secondary" data-color="accent" onClick={jobs.dismiss}>
              {texts.sendAnother}
            </Button>
          </div>
        </>
      ) : (
        <>
          <ProgressBar label={texts.progress} done={sentBytes} total={file.size} more={moreOf(job, texts)} />
          <div className="choices">
            {state === 'sending' && (
              <Button data-color="accent" onClick={jobs.pause}>
                {texts.pause}
              </Button>
            )}
            {state === 'paused' && (
              <Button data-color="accent" onClick={jobs.resume}>
                {texts.resume}
              </Button>
            )}
            {state !== 'checking' && (
              <CancelButton
                text={texts.stop}
                fileName={file.name}
                onCancel={() => jobs.cancel(fileTransferId).catch(setRefusal)}
              />
            )}
            {fileTransferId && (
              <Link href={transferHref(fileTransferId)} data-color="accent">
                {texts.showTransfer}
              </Link>
            )}
          </div>
          {refusal !== undefined && <ProblemAlert error={refusal} />}
          <dl className="facts">
            <Fact name={texts.recipients}>
              <ul>
                {job.sending.recipients.map((recipient) => (
                  <li key={recipient}>
                    <OrganizationName party={recipient} />
                  </li>
                ))}
              </ul>
            </Fact>
            <Fact name={texts.reference}>{job.sending.sendersFileTransferReference}</Fact>
            <Fact name={texts.resource}>{job.sending.resourceId}</Fact>
          </dl>
        </>
      )}
    </Card>
  )
}

/** The speed and the time left. */
function moreOf({ state, file, sentBytes, bytesPerSecond }: Job, texts: Texts) {
  if (state === 'checking') return texts.checking
  if (bytesPerSecond === undefined) return undefined
  const left = durationText((file.size - sentBytes) / bytesPerSecond, texts.locale)
  return texts.paceText(sizeText(bytesPerSecond, texts.locale), left)
}

/** Announces to screen readers when the upload starts, pauses or ends; not each percent. */
function useTitleAnnounced(title: string) {
  const announce = useAnnounce()
  const announced = useRef('')
  useEffect(() => {
    if (announced.current !== title) announce(title)
    announced.current = title
  }, [title, announce])
}
