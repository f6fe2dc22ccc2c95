import { organizationNumber } from '../../../typescript/src/wire/organization.js'
import { organizationText } from '../format/numbers.js'
import { useNameOf } from '../state/names/useNames.js'

/** The name of an organisation, if it is known, its number and its role. */
export function OrganizationName({ party, role }: { party: string; role?: string }) {
  const number = organizationNumber(party)
  const name = useNameOf(party)
  return (
    <span className="organization">
      {name && <bdi className="name">{name}</bdi>}{' '}
      <span className="digits">{[organizationText(number), role].filter(Boolean).join(' · ')}</span>
    </span>
  )
}
