import { Link } from '@digdir/designsystemet-react'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { useSession, useTexts } from '../../state/context.js'
import { boxHref } from '../../state/route.js'

/** Back to the list in which what this party has sent is. */
export function BackLink({ sender }: { sender: string }) {
  const texts = useTexts()
  const box = organizationNumber(sender) === useSession().organization ? 'outbox' : 'inbox'
  return (
    <Link href={boxHref(box)} className="back">
      <span aria-hidden="true">←</span> {texts[box]}
    </Link>
  )
}
