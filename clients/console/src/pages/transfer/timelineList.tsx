import { useEffect } from 'preact/hooks'
import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { PagedList } from '../../components/lists/pagedList.js'
import { cancelReason } from '../../format/cancelReason.js'
import { organizationText } from '../../format/numbers.js'
import { recipientsText, SHOWN } from '../../format/recipientsText.js'
import { type Happening, timelineOf } from '../../format/timeline.js'
import { timeText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import { hasWords, wordsOf } from '../../state/lists/matching.js'
import { useNameOf, useNames } from '../../state/names/useNames.js'

const ROWS = 20

/** What happened, oldest first: all of a few, pages of many. */
export function TimelineList({ details }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const names = useNames()
  const happened = (each: Exclude<Happening, { recipient: string } | { reminded: string[] }>) => {
    if (each.status === 'ExpiryChanged') return texts.expiryMoved(timeText(each.until, texts.locale))
    const isWithdrawn = each.status === 'Cancelled' && details.published
    return isWithdrawn ? texts.fileWithdrawn : texts.happenings[each.status]
  }
  const has = (each: Happening, text: string) => {
    if ('reminded' in each) {
      const numbers = each.reminded.map(organizationNumber)
      return hasWords(wordsOf(text), [...numbers, ...numbers.map(names.of), texts.remindedStatus])
    }
    if (!('recipient' in each)) return hasWords(wordsOf(text), [happened(each)])
    const number = organizationNumber(each.recipient)
    return hasWords(wordsOf(text), [number, names.of(number), texts.recipientStatuses[each.status]])
  }
  return (
    <PagedList
      items={timelineOf(details)}
      rows={ROWS}
      label={texts.timelinePages}
      search={{
        label: texts.findInTimeline,
        has,
        onSearch: () => void names.load(details.recipients.map(({ recipient }) => organizationNumber(recipient))),
      }}
    >
      {(shown) => (
        <ol className="timeline">
          {shown.map((each) => (
            <li
              key={`${each.at} ${each.status} ${'recipient' in each ? each.recipient : ''}`}
              data-status={each.status}
            >
              <span>
                {'recipient' in each ? (
                  <RecipientChange {...each} />
                ) : 'reminded' in each ? (
                  <Reminder {...each} />
                ) : (
                  happened(each)
                )}
              </span>
              {each.status === 'Failed' && <span className="subtle">{each.text}</span>}
              {each.status === 'Cancelled' && cancelReason(each.text) && (
                <bdi className="subtle written">{each.text}</bdi>
              )}
              <time dateTime={each.at} className="subtle">
                {timeText(each.at, texts.locale)}
              </time>
            </li>
          ))}
        </ol>
      )}
    </PagedList>
  )
}

function Reminder({ reminded }: Extract<Happening, { reminded: string[] }>) {
  const texts = useTexts()
  const names = useNames()
  const numbers = reminded.map(organizationNumber)
  const shown = numbers.slice(0, SHOWN).join(' ')
  useEffect(() => void names.load(shown.split(' ')), [names, shown])
  return texts.reminded(recipientsText(numbers, names.of, texts))
}

function RecipientChange({ recipient, status }: Extract<Happening, { recipient: string }>) {
  const texts = useTexts()
  const who = useNameOf(recipient) ?? organizationText(organizationNumber(recipient))
  return status === 'DownloadConfirmed' ? texts.confirmedDownload(who) : texts.startedDownload(who)
}
