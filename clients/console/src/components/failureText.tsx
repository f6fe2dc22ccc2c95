import { Paragraph } from '@digdir/designsystemet-react'
import { failureWords } from '../format/failureWords.js'
import { useTexts } from '../state/context.js'
import { Folded } from './folded.js'

/** Why a file transfer failed: `reason` is its status text. */
export function FailureText({ reason }: { reason: string }) {
  const { says, details } = failureWords(reason, useTexts())
  return (
    <>
      <Paragraph>{says}</Paragraph>
      <Folded text={details} />
    </>
  )
}
