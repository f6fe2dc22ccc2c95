import { useEffect, useState } from 'preact/hooks'
import { organizationNumber } from '../../../../typescript/src/wire/organization.js'
import { useSession } from '../context.js'
import { type Names, namesOf } from './names.js'

/** The names of organisations; the component renders again when more of them are loaded. */
export function useNames(): Names {
  const names = namesOf(useSession())
  const [, render] = useState({})
  useEffect(() => names.subscribe(() => render({})), [names])
  return names
}

/** The name of an organisation; undefined until it is loaded, and where there is none. */
export function useNameOf(party: string): string | undefined {
  const names = useNames()
  const number = organizationNumber(party)
  useEffect(() => void names.load([number]), [names, number])
  return names.of(number)
}
