import { organizationNumber } from '../../../typescript/src/wire/organization.js'
import { organizationText } from '../format/numbers.js'
import { useSession } from '../state/context.js'

/** The name of an organisation, if it is known, its number and its role. */
export function OrganizationName({ party, role }: { party: string; role?: string }) {
  const { nameOf } = useSession()
  const number = organizationNumber(party)
  const name = nameOf(number)
  return (
    <span className="organization">
      {name && <span className="name">{name}</span>}{' '}
      <span className="digits">{[organizationText(number), role].filter(Boolean).join(' · ')}</span>
    </span>
  )
}
