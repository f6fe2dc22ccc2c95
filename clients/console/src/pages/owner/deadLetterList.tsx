import { Button, Paragraph, Table } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { OwnerDeadLetters } from '../../../../typescript/src/index.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { timeText } from '../../format/times.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { TransferId } from './lateList.js'

/** The most that one call sends again. */
const MAX_REPLAYED = 100

/** The dead letters of a service owner, and buttons to send them again. */
export function DeadLetterList({ letters, onReplayed }: { letters: OwnerDeadLetters; onReplayed: () => void }) {
  const { owner: texts, locale } = useTexts()
  const { broker } = useSession()
  const announce = useAnnounce()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const { deadLetters, isCapped } = letters
  const shown = deadLetters.slice(0, MAX_REPLAYED)

  const replay = async (ids: string[]) => {
    setBusy(true)
    setError(undefined)
    try {
      announce(texts.replayed((await broker.replayOwnerDeadLetters(ids)).replayed))
      onReplayed()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
      // The button is disabled, or gone: screen readers read the heading, and go on from there.
      document.getElementById('dead-letters')?.focus()
    }
  }
  return (
    <>
      {error !== undefined && <ProblemAlert error={error} />}
      {shown.length === 0 && <Paragraph>{texts.noDeadLetters}</Paragraph>}
      {shown.length > 0 && (
        <>
          <StackedTable
            caption={texts.deadLetters}
            columns={[texts.fileTransferId, texts.reason, texts.queue, texts.tries, texts.since, texts.action]}
          >
            {shown.map(({ queue, messageId, fileTransferId, reason, tries, enqueued }) => (
              <Table.Row key={`${queue} ${messageId}`} role="row">
                <RowHeader>
                  <TransferId id={fileTransferId} />
                </RowHeader>
                <Cell name={texts.reason}>{reason}</Cell>
                <Cell name={texts.queue}>
                  <code>{queue}</code>
                </Cell>
                <Cell name={texts.tries}>{tries}</Cell>
                <Cell name={texts.since}>{timeText(enqueued, locale)}</Cell>
                <Cell name={texts.action}>
                  <Button
                    variant="secondary"
                    data-size="sm"
                    disabled={isBusy}
                    aria-label={texts.replayOf(fileTransferId, queue, timeText(enqueued, locale))}
                    onClick={() => void replay([messageId])}
                  >
                    {texts.replay}
                  </Button>
                </Cell>
              </Table.Row>
            ))}
          </StackedTable>
          <div>
            <Button disabled={isBusy} onClick={() => void replay(shown.map(({ messageId }) => messageId))}>
              {texts.replayAll(shown.length)}
            </Button>
          </div>
        </>
      )}
      {(isCapped || deadLetters.length > shown.length) && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}
