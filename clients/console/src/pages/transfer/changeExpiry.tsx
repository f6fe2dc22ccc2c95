import { Button, Textfield } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import { BrokerProblem, type FileTransferDetails } from '../../../../typescript/src/index.js'
import { FormDialog } from '../../components/formDialog.js'
import { expiryFields, expiryIn } from '../../format/expiryFields.js'
import { shortTimeText } from '../../format/times.js'
import { useSession, useTexts } from '../../state/context.js'
import type { Texts } from '../../texts/nb.js'

type Props = { details: FileTransferDetails; onDone: (says: string) => void }
type Faults = { day?: string; clock?: string }

/** Moves the time at which a published file expires. */
export function ChangeExpiry({ details, onDone }: Props) {
  const texts = useTexts()
  const { broker } = useSession()
  const { fileTransferId, expirationTime } = details
  const before = expiryFields(expirationTime, texts.locale)
  const [fields, setFields] = useState<typeof before>()
  const [faults, setFaults] = useState<Faults>({})
  const [error, setError] = useState<unknown>()

  const show = (shown: typeof before | undefined) => {
    setFields(shown)
    setFaults({})
    setError(undefined)
  }
  const save = async ({ day, clock }: typeof before) => {
    if (day === before.day && clock === before.clock) return show(undefined)
    const found = faultsOf(day, clock, texts)
    setFaults('time' in found ? {} : found)
    if (!('time' in found)) return
    try {
      const { expirationTime: moved } = await broker.changeExpiry(fileTransferId, found.time)
      show(undefined)
      onDone(texts.expiryChanged(shortTimeText(moved, texts.locale)))
    } catch (refused) {
      const latest = refused instanceof BrokerProblem ? refused.latestExpirationTime : undefined
      if (latest) setFaults({ day: texts.isTooLate(shortTimeText(latest, texts.locale)) })
      else setError(refused)
    }
  }
  const typing = (name: 'day' | 'clock') => ({
    value: fields?.[name] ?? '',
    error: faults[name],
    onInput: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setFields((last) => ({ ...(last ?? before), [name]: value })),
  })

  return (
    <>
      <Button variant="secondary" onClick={() => show(before)}>
        {texts.changeExpiry}
      </Button>
      <FormDialog
        isOpen={fields !== undefined}
        onClose={() => show(undefined)}
        onSubmit={() => fields && void save(fields)}
        title={texts.changeExpiryTitle}
        help={texts.changeExpiryHelp(shortTimeText(expirationTime, texts.locale))}
        submit={texts.saveExpiry}
        cancel={texts.keepExpiry}
        error={error}
      >
        <Textfield {...typing('day')} label={texts.expiryDay} />
        <Textfield {...typing('clock')} label={texts.expiryClock} />
      </FormDialog>
    </>
  )
}

function faultsOf(day: string, clock: string, texts: Texts): Faults | { time: Date } {
  const given = expiryIn(day, clock)
  if ('isNo' in given) return given.isNo === 'day' ? { day: texts.isNoDay } : { clock: texts.isNoClock }
  return given.time.getTime() > Date.now() ? given : { day: texts.isPast }
}
