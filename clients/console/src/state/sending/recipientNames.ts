import { useEffect, useState } from 'preact/hooks'
import { useNames } from '../names/useNames.js'

/** How long the user pauses before names are asked for. */
const TYPING_MS = 300
/** Nobody waits longer for names before a file is sent. */
const LONGEST_MS = 8000

/** The names of recipients that are being typed, which of them are unknown, and whether names are being looked up. */
export function useRecipientNames(numbers: string[]) {
  const names = useNames()
  const [isLooking, setLooking] = useState(false)
  const asked = numbers.join(' ')

  useEffect(() => {
    if (asked === '') return
    const end = () => setLooking(false)
    setLooking(true)
    const typing = setTimeout(() => void names.load(asked.split(' ')).then(end), TYPING_MS)
    const longest = setTimeout(end, LONGEST_MS)
    return () => {
      clearTimeout(typing)
      clearTimeout(longest)
    }
  }, [asked, names])

  return { isLooking, nameOf: names.of, unknown: numbers.filter(names.isUnknown) }
}
