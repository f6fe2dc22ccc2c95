import type { Random } from '../transfers/random.js'
import type { Times } from './options.js'

export const OWNER = '991825827'
export const RECIPIENTS = [
  '986252932',
  '910753614',
  '974760673',
  '910000101',
  '910000102',
  '313896013',
  '311167898',
] as const

/** Why a published file is withdrawn. */
export const REASON = 'The wrong file.'

/** Resources of the owner, by what becomes of a file: all of them are purged in the end. */
export const RESOURCES = {
  expiring: 'new-soak-expiring',
  unfetched: 'new-soak-unfetched',
  graced: 'new-soak-graced',
  going: 'new-soak-going',
  reminding: 'new-soak-reminding',
} as const
export type ResourceName = keyof typeof RESOURCES

/** The settings of each resource. */
export const settingsOf = ({ timeToLive, shortTimeToLive, grace, reminder }: Times): Record<ResourceName, object> => {
  const base = { fileTransferTimeToLive: `PT${timeToLive}S`, purgeFileTransferAfterAllRecipientsConfirmed: true }
  return {
    expiring: {
      ...base,
      purgeFileTransferAfterAllRecipientsConfirmed: false,
      fileTransferMaxTimeToLive: `PT${2 * timeToLive}S`,
    },
    unfetched: { ...base, fileTransferTimeToLive: `PT${shortTimeToLive}S` },
    graced: { ...base, purgeFileTransferGracePeriod: `PT${grace}S` },
    going: { ...base, purgeFileTransferGracePeriod: 'PT0S' },
    reminding: {
      ...base,
      purgeFileTransferGracePeriod: `PT${grace}S`,
      reminders: [`PT${reminder}S`, `-PT${reminder}S`],
    },
  }
}

export type SendWay = 'plain' | 'chunked' | 'form' | 'tus' | 'tus parts' | 'link'
export type SendHabit = 'steady' | 'slow' | 'breaks off' | 'hangs' | 'twice at once' | 'never reads the answer'
export type ReceiveHabit = 'steady' | 'slow' | 'breaks off' | 'hangs' | 'link' | 'never'
export type ConfirmHabit = 'once' | 'twice' | 'twice at once' | 'no'
export type WaitHabit = 'polls' | 'waits' | 'leaves'
export type Receiver = { organization: string; receives: ReceiveHabit; confirms: ConfirmHabit }

/** What one sender and its recipients are going to do. */
export type Plan = {
  number: number
  kind: string
  contentSeed: number
  size: number
  resource: ResourceName
  receivers: Receiver[]
  way: SendWay
  habit: SendHabit
  scan: 'none' | 'clean' | 'late' | 'silent' | 'malware'
  checksum: 'none' | 'right' | 'wrong' | 'right SHA-256' | 'wrong SHA-256'
  /** How the sender learns that the file is published. */
  awaits: WaitHabit
  /** In which order the expiry is moved: before the recipients come, and after them. */
  moves: ('earlier' | 'later')[]
  /** Whether sender and recipients fetch receipts. */
  hasReceipts: boolean
  cancels: 'no' | 'before the upload' | 'after the upload'
  /** Whether the upload is left half sent. */
  isAbandoned: boolean
}

const MIB = 2 ** 20
/** Files that a form or one `Content-Length` may have; larger ones are chunked, in pieces or linked. */
const LARGE = 16 * MIB

const everybody = (plan: Plan, habit: Partial<Receiver>) => plan.receivers.map((each) => ({ ...each, ...habit }))

/**
 * The kinds of behaviour, each with its weight and what it changes in a plan chosen at random. A new one is a line here;
 * what it does beside sending and receiving goes to `acts` in play.ts.
 */
export const KINDS: { name: string; weight: number; change: (plan: Plan, random: Random) => Partial<Plan> }[] = [
  { name: 'ordinary', weight: 50, change: () => ({}) },
  { name: 'empty', weight: 5, change: () => ({ size: 0 }) },
  {
    name: 'large',
    weight: 2,
    change: (_, random) => ({
      size: 90 * MIB + random.below(20 * MIB),
      way: random.pick<SendWay>(['chunked', 'tus', 'tus parts', 'link']),
      habit: 'steady',
    }),
  },
  { name: 'slow sender', weight: 4, change: () => ({ habit: 'slow', way: 'chunked' }) },
  {
    name: 'breaks off',
    weight: 5,
    change: (_, random) => ({ habit: 'breaks off', way: random.pick(['plain', 'tus']) }),
  },
  { name: 'hangs', weight: 2, change: () => ({ habit: 'hangs', way: 'chunked' }) },
  { name: 'uploads twice at once', weight: 3, change: () => ({ habit: 'twice at once', way: 'plain' }) },
  { name: 'never reads the answer', weight: 3, change: () => ({ habit: 'never reads the answer', way: 'plain' }) },
  { name: 'abandoned', weight: 2, change: () => ({ isAbandoned: true, way: 'chunked', scan: 'none' }) },
  { name: 'wrong checksum', weight: 4, change: () => ({ checksum: 'wrong', way: 'plain', scan: 'none' }) },
  {
    name: 'wrong SHA-256',
    weight: 3,
    change: (_, random) => ({ checksum: 'wrong SHA-256', way: random.pick(['plain', 'tus']), scan: 'none' }),
  },
  { name: 'malware', weight: 3, change: () => ({ scan: 'malware', checksum: 'none' }) },
  { name: 'late scan', weight: 4, change: ({ way }) => ({ scan: 'late', way: way === 'form' ? 'plain' : way }) },
  { name: 'silent scan', weight: 2, change: ({ way }) => ({ scan: 'silent', way: way === 'form' ? 'plain' : way }) },
  {
    name: 'cancelled',
    weight: 4,
    change: (_, random) => ({ way: 'plain', cancels: random.pick(['before the upload', 'after the upload']) }),
  },
  {
    name: 'never downloaded',
    weight: 4,
    change: (plan) => ({ resource: 'unfetched', receivers: everybody(plan, { receives: 'never', confirms: 'no' }) }),
  },
  {
    name: 'never confirmed',
    weight: 4,
    change: (plan) => ({ resource: 'unfetched', receivers: everybody(plan, { confirms: 'no' }) }),
  },
  {
    name: 'reminded',
    weight: 6,
    change: (plan, random) => ({
      resource: 'reminding',
      receivers: plan.receivers.map((each) => (random.chance(0.5) ? each : { ...each, ...confirmsNot(random) })),
    }),
  },
  { name: 'withdrawn', weight: 5, change: (plan) => ({ receivers: lastNeverComes(plan) }) },
  {
    name: 'expiry moved',
    weight: 5,
    change: (_, random) => ({
      resource: 'expiring',
      moves: random.pick([
        ['earlier', 'later'],
        ['later', 'earlier'],
      ]),
    }),
  },
  { name: 'confirmed twice', weight: 5, change: (plan, random) => ({ receivers: confirmedTwice(plan, random) }) },
]

const confirmedTwice = (plan: Plan, random: Random) =>
  everybody(plan, { confirms: random.pick<ConfirmHabit>(['twice', 'twice at once']) })

const confirmsNot = (random: Random) => ({
  receives: random.pick(['steady', 'never'] as const),
  confirms: 'no' as const,
})

/** Else all might confirm, and nothing would be left to withdraw. */
const lastNeverComes = ({ receivers }: Plan) =>
  receivers.map((each, index) =>
    index === receivers.length - 1 ? { ...each, receives: 'never' as const, confirms: 'no' as const } : each,
  )

/** A kind as often as its weight says. */
const chosen = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))

/** The plan of a transfer: an ordinary one, as its kind changes it. */
export function planFrom(random: Random, number: number): Plan {
  const plan = ordinary(random, number)
  const kind = chosen[random.below(chosen.length)]
  const changed = kind ? { ...plan, kind: kind.name, ...kind.change(plan, random) } : plan
  const isOneBody = changed.way === 'plain' || changed.way === 'form'
  return changed.size > LARGE && isOneBody ? { ...changed, way: 'chunked' } : changed
}

function ordinary(random: Random, number: number): Plan {
  const size = random.pick([1, 10, 1000, 20_000, 300_000, random.below(MIB), random.below(8 * MIB)])
  const count = random.pick([1, 1, 1, 2, 2, 3, 5, RECIPIENTS.length])
  const first = random.below(RECIPIENTS.length)
  const receivers = Array.from({ length: count }, (_, index) => ({
    organization: RECIPIENTS[(first + index) % RECIPIENTS.length] ?? RECIPIENTS[0],
    receives: random.pick<ReceiveHabit>([
      'steady',
      'steady',
      'steady',
      'steady',
      'slow',
      'breaks off',
      'hangs',
      'link',
    ]),
    confirms: 'once' as const,
  }))
  return {
    number,
    kind: 'ordinary',
    contentSeed: random.below(2 ** 31),
    size,
    resource: random.pick<ResourceName>(['expiring', 'graced', 'going']),
    receivers,
    way: random.pick<SendWay>(['plain', 'plain', 'chunked', 'form', 'tus', 'tus parts', 'link']),
    habit: 'steady',
    scan: random.pick(['none', 'clean']),
    checksum: random.pick(['none', 'right', 'right SHA-256']),
    awaits: random.pick(['polls', 'waits', 'leaves']),
    moves: [],
    hasReceipts: random.chance(0.2),
    cancels: 'no',
    isAbandoned: false,
  }
}

/** Milliseconds until the next arrival of a Poisson process. */
export const untilNext = (random: Random, rate: number): number => (-Math.log(1 - random.unit()) / rate) * 1000
