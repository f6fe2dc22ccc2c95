import type { FileTransferDetails } from '../../../../typescript/src/index.js'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { organizationText } from '../../format/numbers.js'
import { timelineOf } from '../../format/timeline.js'
import { timeText } from '../../format/times.js'
import { useSession, useTexts } from '../../state/context.js'

/** The changes of status, oldest first. */
export function TimelineList({ details }: { details: FileTransferDetails }) {
  const texts = useTexts()
  const { nameOf } = useSession()
  const who = (party: string) => nameOf(organizationNumber(party)) ?? organizationText(organizationNumber(party))
  return (
    <ol className="timeline">
      {timelineOf(details).map((each) => (
        <li key={`${each.at} ${each.status} ${'recipient' in each ? each.recipient : ''}`} data-status={each.status}>
          <span>
            {'recipient' in each
              ? each.status === 'DownloadConfirmed'
                ? texts.confirmedDownload(who(each.recipient))
                : texts.startedDownload(who(each.recipient))
              : texts.happenings[each.status]}
          </span>
          {each.status === 'Failed' && <span className="subtle">{each.text}</span>}
          <time dateTime={each.at} className="subtle">
            {timeText(each.at, texts.locale)}
          </time>
        </li>
      ))}
    </ol>
  )
}
