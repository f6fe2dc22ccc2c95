import { Button, Checkbox, Paragraph, Textfield, ValidationMessage } from '@digdir/designsystemet-react'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Sending } from '../../../../typescript/src/index.js'
import { FaultSummary } from '../../components/faultSummary.js'
import { FileChooser } from '../../components/fileChooser.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { faultText } from '../../format/faultText.js'
import { problemWords } from '../../format/problemWords.js'
import { useSession, useTexts } from '../../state/context.js'
import { type Draft, type Fault, type Field as FieldName, sendingIn } from '../../state/sending/draft.js'
import type { ChosenFile } from '../../state/sending/keptFiles.js'
import { useRecipientNames } from '../../state/sending/recipientNames.js'
import { fieldOf } from '../../state/sending/refusal.js'
import type { Filled } from '../../state/sending/storedDraft.js'
import { ResourceSelect } from '../resourceSelect.js'
import { ChosenFiles } from './chosenFiles.js'
import { RecipientsField } from './recipientsField.js'
import { RecipientsSummary } from './recipientsSummary.js'

/** A press of a button takes less. */
const PRESS_MS = 300

type Props = {
  filled: Filled
  /** Why Broker has refused what is filled in. */
  refusal: unknown
  onFill: (part: Partial<Filled>) => void
  onSend: (files: ChosenFile[], sending: Sending, isGroup: boolean) => void
}

/** The form that sends files. */
export function SendForm({ filled, refusal, onFill, onSend }: Props) {
  const texts = useTexts()
  const session = useSession()
  const { draft, files, lost } = filled
  const [attempts, setAttempts] = useState(0)
  const [hasLeft, setLeft] = useState(false)
  const [isSubmitted, setSubmitted] = useState(false)
  const [warnedOf, setWarnedOf] = useState('')
  const { sending, faults, isGroup } = useMemo(
    () =>
      sendingIn(
        draft,
        files.map(({ file }) => file),
        session.organization,
      ),
    [draft, files, session.organization],
  )
  const names = useRecipientNames(sending.recipients)
  const unknown = names.unknown.join(' ')

  // A field shows no error before its turn: what is missing shows after an attempt to send.
  const isShown = ({ wrong }: Fault) =>
    attempts > 0 ||
    (wrong !== 'missing' && (hasLeft || !['noOrganization', 'checkDigit', 'noProperty'].includes(wrong)))
  const shown = faults.filter(isShown)
  const refused =
    refusal === undefined ? undefined : { field: fieldOf(refusal), words: problemWords(refusal, texts, names.nameOf) }
  const errorOf = (field: FieldName) => {
    const says = shown.filter((fault) => fault.field === field).map((fault) => faultText(fault, texts))
    if (refused?.field === field) says.push(refused.words.says)
    return says.length > 0 ? says.join('. ') : undefined
  }
  const summary = [
    ...shown.map((fault) => ({ field: fault.field, says: faultText(fault, texts) })),
    ...(refused?.field ? [{ field: refused.field, says: refused.words.says }] : []),
  ].map(({ field, says }) => ({ says, field: idOf(field, session.organisations.length > 0) }))

  const fill = (part: Partial<Draft>) => onFill({ draft: { ...draft, ...part } })
  // Not while a button is pressed: it would move away from under the pointer.
  const leave = () => setTimeout(() => setLeft(true), PRESS_MS)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setAttempts(attempts + 1)
    setSubmitted(faults.length === 0)
  }
  // What is sent is what was there when the button was pressed.
  useEffect(() => setSubmitted(false), [draft, files])
  useEffect(() => {
    if (!isSubmitted || names.isLooking) return
    setSubmitted(false)
    if (unknown === warnedOf) return onSend(files, sending, isGroup)
    setWarnedOf(unknown)
    document.getElementById('unknown-recipients')?.focus()
  })
  return (
    <form className="stack" onSubmit={submit} noValidate>
      {(attempts > 0 || refused) && (
        <FaultSummary key={`${attempts} ${refused !== undefined}`} title={texts.errorsTitle} faults={summary} />
      )}
      {refused?.field && refused.words.code && (
        <Paragraph data-size="sm" className="subtle">
          {[texts.code(refused.words.code), refused.words.traceId && texts.traceId(refused.words.traceId)]
            .filter(Boolean)
            .join(' · ')}
        </Paragraph>
      )}
      {refused && !refused.field && <ProblemAlert error={refusal} />}
      <div className="files">
        <FileChooser
          id="file"
          multiple
          label={texts.dropFile}
          onChoose={(chosen) => onFill({ files: withoutRepeats([...files, ...chosen]), lost: [] })}
          error={errorOf('file')}
        />
        {files.length > 0 && (
          <ChosenFiles
            files={files}
            onRemove={(chosen) => {
              onFill({ files: files.filter((each) => each !== chosen) })
              document.getElementById('file')?.focus()
            }}
          />
        )}
        {files.length > 1 && (
          <Checkbox
            label={texts.sendAsGroup}
            description={texts.sendAsGroupHelp}
            value="group"
            checked={draft.isGroup}
            onChange={(event) => fill({ isGroup: event.currentTarget.checked })}
          />
        )}
        {lost.length > 0 && <ValidationMessage data-color="warning">{texts.chooseAgain(lost)}</ValidationMessage>}
        <Paragraph data-size="sm" className="subtle">
          {texts.limitsHelp}
        </Paragraph>
      </div>
      <RecipientsField
        draft={draft}
        onFill={fill}
        onLeave={leave}
        error={errorOf('recipients')}
        typedError={errorOf('otherRecipients')}
      />
      <RecipientsSummary recipients={sending.recipients} {...names} />
      {session.resources.length > 0 ? (
        <ResourceSelect
          value={draft.resource}
          onChange={(resource) => fill({ resource })}
          error={errorOf('resource')}
        />
      ) : (
        <Textfield
          id="resource"
          label={texts.resource}
          value={draft.resource}
          onChange={(event) => fill({ resource: event.currentTarget.value })}
          error={errorOf('resource')}
        />
      )}
      <Checkbox
        id="encryption"
        label={texts.encrypt}
        description={texts.encryptHelp}
        value="encrypted"
        checked={draft.isEncrypted}
        onChange={(event) => fill({ isEncrypted: event.currentTarget.checked })}
        error={errorOf('encryption')}
      />
      <Textfield
        id="reference"
        label={texts.reference}
        description={texts.referenceHelp}
        value={draft.reference}
        onChange={(event) => fill({ reference: event.currentTarget.value })}
        error={errorOf('reference')}
      />
      <Textfield
        id="properties"
        multiline
        rows={2}
        label={texts.propertiesLabel}
        description={texts.propertiesHelp}
        value={draft.properties}
        onChange={(event) => fill({ properties: event.currentTarget.value })}
        onBlur={leave}
        error={errorOf('properties')}
      />
      <Button type="submit" loading={isSubmitted}>
        {submitText(files.length, unknown !== '' && unknown === warnedOf, texts)}
      </Button>
    </form>
  )
}

const submitText = (count: number, isWarned: boolean, texts: ReturnType<typeof useTexts>) =>
  isWarned ? texts.sendAnyway : count > 1 ? texts.sendFiles(count) : texts.send

/** Without organisations to choose from there is one field of recipients. */
const idOf = (field: FieldName, canChoose: boolean) =>
  field === 'otherRecipients' && !canChoose ? 'recipients' : field

const withoutRepeats = (files: ChosenFile[]) => {
  const keyOf = ({ file }: ChosenFile) => `${file.name} ${file.size} ${file.lastModified}`
  return [...new Map(files.map((each) => [keyOf(each), each])).values()]
}
