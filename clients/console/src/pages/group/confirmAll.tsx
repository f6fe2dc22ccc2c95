import { Alert, Button, Dialog, Heading, Link, Paragraph } from '@digdir/designsystemet-react'
import { useId, useState } from 'preact/hooks'
import { BrokerProblem } from '../../../../typescript/src/index.js'
import { focusOnHeading } from '../../components/focus.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { useAnnounce, useSession, useTexts } from '../../state/context.js'
import { canConfirmAll, type Group } from '../../state/group.js'
import { transferHref } from '../../state/route.js'

/** Confirms all files of a group, for a recipient that has downloaded them. */
export function ConfirmAll({ group, onChanged }: { group: Group; onChanged: () => void }) {
  const texts = useTexts()
  const { broker } = useSession()
  const announce = useAnnounce()
  const titleId = useId()
  const [isAsking, setAsking] = useState(false)
  const [isDone, setDone] = useState(false)
  const [error, setError] = useState<unknown>()
  const close = () => setAsking(false)

  const confirm = async () => {
    close()
    setError(undefined)
    try {
      await broker.confirmGroup(group.fileTransferGroupId)
      setDone(true)
      announce(texts.allConfirmed)
      focusOnHeading()
    } catch (refused) {
      setError(refused)
    }
    onChanged()
  }
  return (
    <div className="actions">
      {canConfirmAll(group) && !isDone && (
        <>
          <Button aria-describedby="confirm-help" onClick={() => setAsking(true)}>
            {texts.confirmAll}
          </Button>
          <Paragraph id="confirm-help" data-size="sm" className="subtle">
            {texts.confirmAllHelp}
          </Paragraph>
          <Dialog open={isAsking} onClose={close} closeButton={texts.close} aria-labelledby={titleId}>
            <Dialog.Block>
              <Heading level={2} data-size="sm" id={titleId}>
                {texts.confirmAllTitle}
              </Heading>
              <Paragraph>{texts.confirmAllHelp}</Paragraph>
            </Dialog.Block>
            <Dialog.Block className="choices">
              <Button onClick={() => void confirm()}>{texts.confirmAllYes}</Button>
              <Button variant="secondary" onClick={close} autoFocus>
                {texts.confirmAllNo}
              </Button>
            </Dialog.Block>
          </Dialog>
        </>
      )}
      {error !== undefined && <Refusal error={error} group={group} />}
      {isDone && error === undefined && <Alert data-color="success">{texts.allConfirmed}</Alert>}
    </div>
  )
}

/** Why nothing is confirmed, with the file that it is about. */
function Refusal({ error, group }: { error: unknown; group: Group }) {
  const texts = useTexts()
  const id = error instanceof BrokerProblem ? error.fileTransferId : undefined
  const file = group.fileTransfers.find(({ fileTransferId }) => fileTransferId === id)
  if (!file) return <ProblemAlert error={error} />
  return (
    <ProblemAlert error={error} title={texts.noneConfirmed}>
      <Link href={transferHref(file.fileTransferId)} data-color="accent">
        <bdi>{file.fileName}</bdi>
      </Link>
    </ProblemAlert>
  )
}
