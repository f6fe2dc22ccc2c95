import { Button, Paragraph } from '@digdir/designsystemet-react'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Sending } from '../../../../typescript/src/index.js'
import { focusOnHeading } from '../../components/focus.js'
import { PageHeading } from '../../components/pageHeading.js'
import { useSession, useTexts } from '../../state/context.js'
import { useObservable } from '../../state/observable.js'
import type { Draft } from '../../state/sending/draft.js'
import type { SendingJobs } from '../../state/sending/job.js'
import { sendingJobsOf } from '../../state/sending/jobs.js'
import { useStoredDraft } from '../../state/sending/storedDraft.js'
import type { Session } from '../../state/session.js'
import type { Texts } from '../../texts/nb.js'
import { SendForm } from './sendForm.js'
import { SendingCard } from './sendingCard.js'
import { UnfinishedCard } from './unfinishedCard.js'

/** What is filled in and on its way, until Broker has accepted it: it may come back to be corrected. */
const started = new WeakMap<SendingJobs, Sending>()

/** Sends files: the form, and those on their way. */
export function SendPage() {
  const texts = useTexts()
  const session = useSession()
  const jobs = useMemo(() => sendingJobsOf(session), [session])
  const all = useObservable(jobs.all)
  const refusal = useObservable(jobs.refusal)
  const unfinished = useObservable(jobs.unfinished)
  const empty = () => emptyFor(session, texts)
  const { filled, fill } = useStoredDraft(session, empty)
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    // Broker has accepted what was filled in: the next file may be for others.
    if (!all.some(({ sending, fileTransferId }) => sending === started.get(jobs) && fileTransferId)) return
    started.delete(jobs)
    fill({ draft: empty(), files: [], lost: [] })
  })
  useEffect(() => {
    // The files are back in the form, to be corrected.
    if (refusal) fill({ files: refusal.files })
  }, [refusal, fill])

  const openForm = () => {
    // What is on its way is not sent again.
    if (started.delete(jobs)) fill({ draft: empty(), files: [], lost: [] })
    setOpen(true)
    focusOnHeading()
  }
  const isForm = isOpen || refusal !== undefined || all.length + unfinished.length === 0
  const done = all.filter(({ state }) => state === 'sent').length
  return (
    <>
      <PageHeading title={texts.sendTitle} />
      {unfinished.length > 0 && <UnfinishedCard unfinished={unfinished} jobs={jobs} />}
      {all.length > 0 && (
        <section aria-label={texts.sendings}>
          {all.length > 1 && (
            <div className="choices">
              <Paragraph>{texts.sendingsDone(done, all.length)}</Paragraph>
              {done > 1 && (
                <Button
                  variant="tertiary"
                  data-size="sm"
                  onClick={() => {
                    jobs.dismissSent()
                    focusOnHeading()
                  }}
                >
                  {texts.dismissSent}
                </Button>
              )}
            </div>
          )}
          {all.map((job) => (
            <SendingCard key={job.id} job={job} jobs={jobs} isOneOfMany={all.length > 1} />
          ))}
        </section>
      )}
      {isForm ? (
        <SendForm
          filled={filled}
          refusal={refusal?.error}
          onFill={(part) => {
            jobs.refusal.set(undefined)
            fill(part)
          }}
          onSend={(files, sending, isGroup) => {
            started.set(jobs, sending)
            jobs.start(files, sending, isGroup)
            setOpen(false)
            focusOnHeading()
          }}
        />
      ) : (
        <Button variant="secondary" className="another" onClick={openForm}>
          {texts.sendAnother}
        </Button>
      )}
    </>
  )
}

/** A form with the default resource and a reference of the current minute. */
function emptyFor({ resources }: Session, texts: Texts): Draft {
  const minute = new Date().toISOString().slice(0, 16).replace(/\D/g, '')
  return {
    recipients: [],
    otherRecipients: '',
    properties: '',
    isGroup: false,
    isEncrypted: false,
    resource: resources[0]?.id ?? '',
    reference: texts.defaultReference(minute),
  }
}
