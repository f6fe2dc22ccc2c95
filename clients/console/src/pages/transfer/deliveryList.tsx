import { Table, Tag } from '@digdir/designsystemet-react'
import { OrganizationName } from '../../components/organizationName.js'
import { shortTimeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import type { DeliveredEvent } from '../../state/fileTransfer.js'
import type { Texts } from '../../texts/nb.js'

const COLORS = { Waiting: 'warning', Delivered: 'success', GivenUp: 'danger' } as const

/** The events of a file transfer and their delivery. */
export function DeliveryList({ events }: { events: DeliveredEvent[] }) {
  const texts = useTexts()
  return (
    <div className="table">
      <Table data-color="neutral" border>
        <caption className="ds-sr-only">{texts.events}</caption>
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{texts.event}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{texts.toWhom}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{texts.occurred}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{texts.delivery}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {events.map((each) => (
            <Table.Row key={each.eventId}>
              <Table.HeaderCell scope="row">
                <code>{each.type.replace('no.altinn.broker.', '')}</code>
              </Table.HeaderCell>
              <Table.Cell className="party">
                <OrganizationName party={each.organization} role={texts.roles[each.role]} />
              </Table.Cell>
              <Table.Cell className="time">{shortTimeText(each.occurred, texts.locale)}</Table.Cell>
              <Table.Cell>
                <span className="choices">
                  <Tag data-color={COLORS[each.status]}>{texts.deliveries[each.status]}</Tag>
                  <span className="subtle">{attemptsOf(each, texts)}</span>
                </span>
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
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
