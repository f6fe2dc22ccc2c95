import { Button, Card, Heading, Link, Paragraph } from '@digdir/designsystemet-react'
import { useEffect, useRef, useState } from 'preact/hooks'
import { BrokenConnection } from '../../../../typescript/src/index.js'
import { CancelButton } from '../../components/cancelButton.js'
import { focusOnHeading } from '../../components/focus.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { ProgressBar } from '../../components/progressBar.js'
import { durationText, sizeText } from '../../format/numbers.js'
import { problemWords } from '../../format/problemWords.js'
import { recipientsText, SHOWN as SHOWN_RECIPIENTS } from '../../format/recipientsText.js'
import { shortTimeText } from '../../format/times.js'
import { useAnnounce, useTexts } from '../../state/context.js'
import { groupHref, transferHref } from '../../state/route.js'
import type { Job, SendingJobs } from '../../state/sending/job.js'
import { useRecipientNames } from '../../state/sending/recipientNames.js'
import { lacksAccess } from '../../state/sending/refusal.js'
import { steadySeconds } from '../../state/sending/upload/pace.js'
import type { Texts } from '../../texts/nb.js'
import { KeysUsed } from './keysUsed.js'

type Props = { job: Job; jobs: SendingJobs; isOneOfMany: boolean }

/** The upload of one file: its progress, and what can be done about it. One that waits or is done takes one line. */
export function SendingCard({ job, jobs, isOneOfMany }: Props) {
  const texts = useTexts()
  const { id, file, state, fileTransferId, group, error } = job
  const [refusal, setRefusal] = useState<unknown>()
  const dismiss = () => {
    jobs.dismiss(id)
    focusOnHeading()
  }
  const title = titleOf(job, texts)
  useTitleAnnounced(title)

  const links = (
    <>
      {fileTransferId && (
        <Link href={transferHref(fileTransferId)} data-color="accent">
          {texts.showTransfer}
        </Link>
      )}
      {group?.id && (
        <Link href={groupHref(group.id)} data-color="accent">
          {texts.showGroup}
        </Link>
      )}
    </>
  )
  if (state === 'failed')
    return (
      <div className="stack">
        <ProblemAlert error={error} title={title} onRetry={() => jobs.resume(id)} />
        {lacksAccess(error) && <Paragraph>{texts.goesOnWithToken}</Paragraph>}
        <div className="choices">
          <Button variant="secondary" onClick={dismiss}>
            {texts.dismiss}
          </Button>
          {links}
        </div>
      </div>
    )
  const isShort = isOneOfMany && (state === 'queued' || state === 'sent')
  return (
    <Card
      data-color={state === 'sent' ? 'success' : 'neutral'}
      variant={state === 'sent' ? 'tinted' : 'default'}
      className={isShort ? 'sending short' : 'sending'}
    >
      <Heading level={2} data-size="xs">
        {title}
      </Heading>
      {state === 'sent' && !isShort && job.expirationTime && (
        <Paragraph>{sentText(job.sending, shortTimeText(job.expirationTime, texts.locale), texts)}</Paragraph>
      )}
      {state === 'encrypting' && (
        <ProgressBar label={texts.encryptionProgress(file.name)} done={job.encryptedBytes} total={file.size} />
      )}
      {state !== 'sent' && state !== 'queued' && state !== 'encrypting' && (
        <ProgressBar
          label={texts.progress(file.name)}
          done={job.sentBytes}
          total={job.totalBytes}
          more={moreOf(job, texts)}
        />
      )}
      {job.waitsAfter !== undefined && <Paragraph data-size="sm">{waitingText(job.waitsAfter, texts)}</Paragraph>}
      {!isShort && <Addressed job={job} />}
      {!isShort && job.keys && <KeysUsed keys={job.keys} />}
      <div className="choices">
        {state !== 'checking' && state !== 'sent' && (
          // One button for both: it keeps the focus.
          <Button
            data-color="accent"
            data-size="sm"
            onClick={() => (state === 'paused' ? jobs.resume(id) : jobs.pause(id))}
          >
            {state === 'paused' ? texts.resume : texts.pause}
          </Button>
        )}
        {state === 'sent' && (
          <Button variant="secondary" data-color="accent" data-size="sm" onClick={dismiss}>
            {texts.dismiss}
          </Button>
        )}
        {state !== 'checking' && state !== 'sent' && (
          <CancelButton
            text={texts.stop}
            fileName={file.name}
            onCancel={() => jobs.cancel(id).then(focusOnHeading, setRefusal)}
          />
        )}
        {links}
      </div>
      {refusal !== undefined && <ProblemAlert error={refusal} />}
    </Card>
  )
}

function Addressed({ job: { sending } }: { job: Job }) {
  const texts = useTexts()
  const { nameOf } = useRecipientNames(sending.recipients.slice(0, SHOWN_RECIPIENTS))
  const recipients = recipientsText(sending.recipients, nameOf, texts)
  return (
    <Paragraph data-size="sm" className="subtle">
      {texts.sendingTo(recipients, sending.sendersFileTransferReference)}
    </Paragraph>
  )
}

function titleOf({ file, state, waitsAfter }: Job, texts: Texts): string {
  if (waitsAfter instanceof BrokenConnection) return texts.waitingTitle(file.name)
  const titles = {
    queued: texts.queuedTitle,
    encrypting: texts.encrypting,
    sending: texts.sending,
    checking: texts.sending,
    paused: texts.pausedTitle,
    sent: texts.sentTitle,
    failed: texts.notSentTitle,
  }
  return titles[state](file.name)
}

const sentText = ({ encryption }: Job['sending'], until: string, texts: Texts) =>
  encryption === 'age' ? texts.sentEncryptedHelp(until) : texts.sentHelp(until)

const waitingText = (error: unknown, texts: Texts) =>
  error instanceof BrokenConnection ? texts.waitingHelp : problemWords(error, texts).says

/** The speed and the time left. */
function moreOf({ state, totalBytes, sentBytes, bytesPerSecond }: Job, texts: Texts) {
  if (state === 'checking') return texts.checking
  if (!bytesPerSecond) return undefined
  const left = durationText(steadySeconds((totalBytes - sentBytes) / bytesPerSecond), texts.locale)
  return texts.paceText(sizeText(bytesPerSecond, texts.locale), left)
}

/** Announces to screen readers when the upload starts, waits, pauses or ends; not each percent. */
function useTitleAnnounced(title: string) {
  const announce = useAnnounce()
  const announced = useRef('')
  useEffect(() => {
    if (announced.current !== title) announce(title)
    announced.current = title
  }, [title, announce])
}
