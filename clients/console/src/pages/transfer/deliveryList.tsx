import { Table, Tag } from '@digdir/designsystemet-react'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { PagedList } from '../../components/lists/pagedList.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { OrganizationName } from '../../components/organizationName.js'
import { shortTimeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import type { DeliveredEvent } from '../../state/fileTransfer.js'
import { hasWords, wordsOf } from '../../state/lists/matching.js'
import { useNames } from '../../state/names/useNames.js'
import type { Texts } from '../../texts/nb.js'

const ROWS = 10
const COLORS = { Waiting: 'warning', Delivered: 'success', GivenUp: 'danger' } as const

const typeOf = ({ type }: DeliveredEvent) => type.replace('no.altinn.broker.', '')

/** The events of a file transfer and their delivery: all of a few, pages of many. */
export function DeliveryList({ events }: { events: DeliveredEvent[] }) {
  const texts = useTexts()
  const names = useNames()
  const has = (each: DeliveredEvent, text: string) => {
    const number = organizationNumber(each.organization)
    return hasWords(wordsOf(text), [typeOf(each), number, names.of(number), texts.deliveries[each.status]])
  }
  return (
    <PagedList items={events} rows={ROWS} label={texts.eventPages} search={{ label: texts.findEvent, has }}>
      {(shown) => (
        <StackedTable caption={texts.events} columns={[texts.event, texts.toWhom, texts.occurred, texts.delivery]}>
          {shown.map((each) => (
            <Table.Row key={each.eventId} role="row">
              <RowHeader>
                <code>{typeOf(each)}</code>
              </RowHeader>
              <Cell name={texts.toWhom}>
                <OrganizationName party={each.organization} role={texts.roles[each.role]} />
              </Cell>
              <Cell name={texts.occurred} className="time">
                {shortTimeText(each.occurred, texts.locale)}
              </Cell>
              <Cell name={texts.delivery}>
                <span className="choices">
                  <Tag data-color={COLORS[each.status]}>{texts.deliveries[each.status]}</Tag>
                  <span className="subtle">{attemptsOf(each, texts)}</span>
                </span>
              </Cell>
            </Table.Row>
          ))}
        </StackedTable>
      )}
    </PagedList>
  )
}

/** The number of tries, the last answer unless it was delivered, and the next try. */
function attemptsOf({ status, tries, lastAnswer, nextTry }: DeliveredEvent, texts: Texts): string {
  if (tries === 0) return ''
  const showsAnswer = status !== 'Delivered' && lastAnswer !== null
  return [
    texts.tries(tries),
    showsAnswer && texts.lastAnswer(lastAnswer),
    nextTry && texts.nextTry(shortTimeText(nextTry, texts.locale)),
  ]
    .filter(Boolean)
    .join(', ')
}
