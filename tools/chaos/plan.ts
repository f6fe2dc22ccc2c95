import type { Random } from '../transfers/random.js'

export const OWNER = '991825827'
export const RECIPIENTS = ['986252932', '910753614', '974760673', '910000101', '910000102']

/** Resources of the owner: files stay, expire after seconds, or are purged when all have confirmed. */
export const RESOURCES = {
  staying: { id: 'new-chaos-staying', settings: {} },
  expiring: { id: 'new-chaos-expiring', settings: { fileTransferTimeToLive: 'PT12S' } },
  going: { id: 'new-chaos-going', settings: { purgeFileTransferGracePeriod: 'PT0S' } },
} as const

/** What one sender and its recipients are going to do. */
export type Plan = {
  number: number
  resource: keyof typeof RESOURCES
  recipients: string[]
  content: Buffer<ArrayBuffer>
  isScanned: boolean
  isMalware: boolean
  isMistaken: boolean
  breaks: number
  isForm: boolean
  /** The number of concurrent parts of a TUS upload; undefined: one plain request. */
  tusParts: number | undefined
  cancels: 'no' | 'before the upload' | 'after the upload'
  repeats: boolean
  isRanged: boolean
  confirming: number
}

// In pieces, so that no scanner takes this file for the test virus.
const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD', '-ANTIVIRUS-', 'TEST-FILE!', '$H+H*'].join('')
const LARGEST = 3 * 2 ** 20

/** A plan chosen at random. */
export function planFrom(random: Random, number: number): Plan {
  const recipients = RECIPIENTS.slice(0, 1 + random.below(RECIPIENTS.length))
  const isMalware = random.chance(0.1)
  const isMistaken = !isMalware && random.chance(0.1)
  const isForm = !isMistaken && random.chance(0.15)
  const tusParts = !isForm && random.chance(0.35) ? random.pick([1, 1, 3]) : undefined
  const size = random.pick([0, 1, 1000, 100_000, random.below(LARGEST)])
  const filler = Buffer.alloc(size, Buffer.concat([Buffer.from(`file ${number} `), random.bytes(500)]))
  return {
    number,
    recipients,
    isMalware,
    isMistaken,
    isForm,
    tusParts,
    resource: random.pick(['staying', 'staying', 'staying', 'expiring', 'going']),
    content: isMalware ? Buffer.from(EICAR) : filler,
    isScanned: isMalware || random.chance(0.5),
    breaks: isForm || random.chance(0.8) ? 0 : 1 + random.below(2),
    cancels: random.pick(['no', 'no', 'no', 'no', 'no', 'no', 'before the upload', 'after the upload']),
    repeats: random.chance(0.3),
    isRanged: random.chance(0.3),
    confirming: random.below(recipients.length + 2),
  }
}
