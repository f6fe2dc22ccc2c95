import { Heading, Paragraph, Table } from '@digdir/designsystemet-react'
import type { FileTransferStatus, OwnerActivity } from '../../../../typescript/src/index.js'
import { Fact } from '../../components/fact.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { dayText } from '../../format/days.js'
import { durationText, percentText } from '../../format/numbers.js'
import { useTexts } from '../../state/context.js'

type Day = OwnerActivity['days'][number]

/** The transfers of today by status and by resource, the last days, and the time to publish. */
export function TodayTables({ activity }: { activity: OwnerActivity }) {
  const { owner: texts } = useTexts()
  const [today, yesterday] = activity.days
  if (!today) return null
  return (
    <>
      {today.fileTransfers === 0 ? (
        <div className="nothing">
          <Heading level={3} data-size="xs">
            {texts.noneToday}
          </Heading>
          <Paragraph>{texts.noneTodayHelp}</Paragraph>
        </div>
      ) : (
        <>
          <Statuses today={today} yesterday={yesterday} />
          <Resources today={today} />
        </>
      )}
      <Publishing today={today} objectiveSeconds={activity.objectiveSeconds} />
      <Days days={activity.days} />
      {activity.days.some(({ isCapped }) => isCapped) && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}

function Statuses({ today, yesterday }: { today: Day; yesterday: Day | undefined }) {
  const { owner: texts } = useTexts()
  const nameOf = useStatusNames()
  const before = new Map(yesterday?.statuses.map(({ status, fileTransfers }) => [status, fileTransfers]))
  return (
    <StackedTable caption={texts.byStatus} columns={[texts.status, texts.today, texts.yesterday]}>
      {today.statuses.map(({ status, fileTransfers }) => (
        <Table.Row key={status} role="row">
          <RowHeader>{nameOf(status)}</RowHeader>
          <Cell name={texts.today}>
            <Count count={fileTransfers} isCapped={today.isCapped} />
          </Cell>
          <Cell name={texts.yesterday}>
            <Count count={before.get(status) ?? 0} isCapped={yesterday?.isCapped ?? false} />
          </Cell>
        </Table.Row>
      ))}
    </StackedTable>
  )
}

function Resources({ today }: { today: Day }) {
  const { owner: texts } = useTexts()
  const nameOf = useStatusNames()
  return (
    <StackedTable caption={texts.byResource} columns={[texts.resource, texts.total, texts.status]}>
      {today.resources.map(({ resourceId, statuses }) => (
        <Table.Row key={resourceId} role="row">
          <RowHeader>
            <code>{resourceId}</code>
          </RowHeader>
          <Cell name={texts.total}>
            <Count
              count={statuses.reduce((sum, { fileTransfers }) => sum + fileTransfers, 0)}
              isCapped={today.isCapped}
            />
          </Cell>
          <Cell name={texts.status}>
            {statuses
              .filter(({ fileTransfers }) => fileTransfers > 0)
              .map(({ status, fileTransfers }) => `${nameOf(status)}: ${fileTransfers}`)
              .join(', ')}
          </Cell>
        </Table.Row>
      ))}
    </StackedTable>
  )
}

function Publishing({ today, objectiveSeconds }: { today: Day; objectiveSeconds: number }) {
  const { owner: texts, locale } = useTexts()
  const { publishing } = today
  return (
    <>
      <Heading level={3} data-size="xs">
        {texts.publishing}
      </Heading>
      <Paragraph data-size="sm" className="subtle">
        {texts.publishingHelp(durationText(objectiveSeconds, locale))}
      </Paragraph>
      {publishing ? (
        <dl className="figures">
          <Fact name={texts.median}>{durationText(publishing.medianSeconds, locale)}</Fact>
          <Fact name={texts.p95}>{durationText(publishing.p95Seconds, locale)}</Fact>
          <Fact name={texts.inTime}>{percentText(publishing.inTime, publishing.files, locale)}</Fact>
        </dl>
      ) : (
        <Paragraph>{texts.noPublished}</Paragraph>
      )}
    </>
  )
}

function Days({ days }: { days: Day[] }) {
  const { owner: texts, locale } = useTexts()
  const columns = [texts.day, texts.fileTransfers, texts.median, texts.p95, texts.inTime]
  return (
    <StackedTable caption={texts.byDay} columns={columns}>
      {days.map(({ day, fileTransfers, isCapped, publishing }) => (
        <Table.Row key={day} role="row">
          <RowHeader>{dayText(day, locale)}</RowHeader>
          <Cell name={texts.fileTransfers}>
            <Count count={fileTransfers} isCapped={isCapped} />
          </Cell>
          <Cell name={texts.median}>{publishing ? durationText(publishing.medianSeconds, locale) : '–'}</Cell>
          <Cell name={texts.p95}>{publishing ? durationText(publishing.p95Seconds, locale) : '–'}</Cell>
          <Cell name={texts.inTime}>{publishing ? percentText(publishing.inTime, publishing.files, locale) : '–'}</Cell>
        </Table.Row>
      ))}
    </StackedTable>
  )
}

/** A number; `at least` where there is more than was counted. */
export function Count({ count, isCapped }: { count: number; isCapped: boolean }) {
  const { owner: texts, locale } = useTexts()
  const text = new Intl.NumberFormat(locale).format(count)
  return <span className="number">{isCapped ? texts.atLeast(text) : text}</span>
}

/** The words of statuses, of which one covers the uploads under way, too. */
function useStatusNames() {
  const { owner, statuses } = useTexts()
  return (status: FileTransferStatus) => (status === 'Initialized' ? owner.waitingForFile : statuses[status])
}
