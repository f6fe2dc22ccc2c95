import { useEffect, useMemo, useState } from 'preact/hooks'
import { PageHeading } from '../../components/pageHeading.js'
import { useSession, useTexts } from '../../state/context.js'
import { useObservable } from '../../state/observable.js'
import { sendingJobsOf } from '../../state/sending/jobs.js'
import { unfinishedOf } from '../../state/sending/unfinished.js'
import type { Session } from '../../state/session.js'
import type { Texts } from '../../texts/nb.js'
import { type Filled, SendForm } from './sendForm.js'
import { SendingStatus } from './sendingStatus.js'
import { UnfinishedCard } from './unfinishedCard.js'

/** Sends a file: the form, then the progress; or an unfinished upload to resume. */
export function SendPage() {
  const texts = useTexts()
  const session = useSession()
  const jobs = useMemo(() => sendingJobsOf(session), [session])
  const job = useObservable(jobs.current)
  const [filled, setFilled] = useState<Filled>(() => emptyFor(session, texts))
  useEffect(() => {
    // After a failure the form keeps its values, to be corrected.
    if (job?.state === 'sent') setFilled(emptyFor(session, texts))
  }, [job?.state, session, texts])
  const [, setDiscarded] = useState(0)
  const unfinished = job ? undefined : unfinishedOf(session)
  return (
    <>
      <PageHeading title={texts.sendTitle} />
      {job && <SendingStatus job={job} jobs={jobs} />}
      {unfinished && (
        <UnfinishedCard unfinished={unfinished} jobs={jobs} onDiscarded={() => setDiscarded((last) => last + 1)} />
      )}
      {!job && !unfinished && (
        <SendForm filled={filled} onFill={(part) => setFilled((last) => ({ ...last, ...part }))} onSend={jobs.start} />
      )}
    </>
  )
}

/** A form with the default resource and a reference of the current minute. */
function emptyFor({ resources }: Session, texts: Texts): Filled {
  const minute = new Date().toISOString().slice(0, 16).replace(/\D/g, '')
  return {
    file: undefined,
    recipients: [],
    otherRecipients: '',
    properties: '',
    resource: resources[0]?.id ?? '',
    reference: texts.defaultReference(minute),
  }
}
