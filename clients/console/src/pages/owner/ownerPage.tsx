import { Heading, Paragraph, Skeleton } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'
import { PageHeading } from '../../components/pageHeading.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { timeText } from '../../format/times.js'
import { useSession, useTexts } from '../../state/context.js'
import { type Answer, usePolled } from '../../state/polling/usePolled.js'
import { DeadLetterList } from './deadLetterList.js'
import { LateList } from './lateList.js'
import { MonthList } from './monthList.js'
import { PartyLists } from './partyLists.js'
import { ResourceList } from './resourceList.js'
import { TodayTables } from './todayTables.js'
import '../../lists.css'
import '../../owner.css'

/** What happens on the resources of a service owner. */
export function OwnerPage() {
  const texts = useTexts()
  const { isServiceOwner } = useSession()
  return (
    <>
      <PageHeading title={texts.owner.title} />
      {isServiceOwner ? (
        <Sections />
      ) : (
        <div className="nothing">
          <Heading level={2} data-size="xs">
            {texts.owner.noScope}
          </Heading>
          <Paragraph>{texts.owner.noScopeHelp}</Paragraph>
        </div>
      )}
    </>
  )
}

function Sections() {
  const { owner: texts } = useTexts()
  const { broker } = useSession()
  const activity = usePolled(broker.getOwnerActivity)
  const deadLetters = usePolled(broker.listOwnerDeadLetters)
  const statistics = usePolled(broker.getOwnerStatistics)
  const resources = usePolled(broker.listOwnerResources)
  return (
    <>
      <Paragraph className="subtle">{texts.intro}</Paragraph>
      <Section id="today" title={texts.today} answer={activity}>
        {(value) => <TodayTables activity={value} />}
      </Section>
      <Section id="late" title={texts.late} help={texts.lateHelp} answer={activity} isFollowing>
        {({ late }) => <LateList late={late} />}
      </Section>
      <Section id="dead-letters" title={texts.deadLetters} help={texts.deadLettersHelp} answer={deadLetters}>
        {(value) => <DeadLetterList letters={value} onReplayed={deadLetters.refresh} />}
      </Section>
      <Section id="months" title={texts.months} help={texts.monthsHelp} answer={statistics}>
        {(value) => <MonthList months={value.months} />}
      </Section>
      <Section id="parties" title={texts.parties} answer={statistics} isFollowing>
        {(value) => <PartyLists statistics={value} />}
      </Section>
      <Section id="resources" title={texts.resources} answer={resources}>
        {(value) => <ResourceList found={value} />}
      </Section>
    </>
  )
}

type SectionProps<Value> = {
  id: string
  title: string
  help?: string
  answer: Answer<Value> & { refresh(): void }
  /** The section before it has the same answer, and says so. */
  isFollowing?: boolean
  children: (value: Value) => ComponentChildren
}

/** A part of the page by itself: when one cannot be read, the others can. */
function Section<Value extends object>(props: SectionProps<Value>) {
  const texts = useTexts()
  const { id, title, help, answer, isFollowing = false, children } = props
  const { value, error, refresh } = answer
  const countedAt = value && 'countedAt' in value ? String(value.countedAt) : undefined
  return (
    <section aria-labelledby={id}>
      <Heading level={2} data-size="sm" id={id} tabIndex={-1}>
        {title}
      </Heading>
      {help && (
        <Paragraph data-size="sm" className="subtle">
          {help}
        </Paragraph>
      )}
      {error !== undefined && !isFollowing && <ProblemAlert error={error} onRetry={refresh} />}
      {value === undefined && error === undefined && <Skeleton height={48} />}
      {value && children(value)}
      {countedAt && !isFollowing && (
        <Paragraph data-size="sm" className="subtle">
          {texts.owner.countedAt(timeText(countedAt, texts.locale))}
        </Paragraph>
      )}
    </section>
  )
}
