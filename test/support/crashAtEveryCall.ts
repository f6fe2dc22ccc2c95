import type { ServiceBusReceivedMessage } from '@azure/service-bus'
import { expect } from 'vitest'
import { altinnParties } from '../../src/adapters/altinn/register.js'
import { tables } from '../../src/config.js'
import {
  type FileTransfer,
  type FileTransferId,
  type FileTransferStatus,
  findDeadline,
  type RecipientStatus,
} from '../../src/domain/fileTransfer/state.js'
import type { OrganizationNumber } from '../../src/domain/organizationNumber.js'
import { forEachConcurrent } from '../../src/lib/forEachConcurrent.js'
import type { Broker } from '../../src/usecases/broker.js'
import { flawsOf, type Stored, storedIn } from './crashInvariants.js'
import { FOR_EVER, type World } from './crashStack.js'
import { FAULTS, type Fault, type FaultInjector, faultInjector } from './faultyClients.js'
import type { Queue } from './messagePump.js'
import { all } from './samples.js'

/** What a process is about to do when a call of it fails. */
export type Scene = { world: World; label: string; id: FileTransferId; broker: Broker }

/** Where a transfer may have come. */
type Place = FileTransferStatus | RecipientStatus | 'Checked' | 'Judged' | 'Moved' | 'Reminded' | 'Unlisted' | undefined

/** A use case that changes something. */
export type Row = {
  name: string
  /** Makes what the process finds; the id of the transfer, if there is one. */
  prepare: (world: World, label: string) => Promise<FileTransferId>
  /**
   * What the process does: a call, or the message about this transfer in this queue. An answer that is `ok` has
   * promised `done`.
   */
  act: ((scene: Scene) => Promise<unknown>) | Queue
  /** Where a transfer has come; its status, unless something else tells better. */
  where?: (transfer: FileTransfer, world: World) => Place
  /**
   * Where it is when it was done, once everything that follows has followed; undefined: there is no transfer any more.
   */
  done: Place
  /** Where it may be as well, when the use case was cut off. */
  orElse: Place[]
  /** It is about everything that there is, so that one process after the other does it. */
  isAlone?: true
  /** Calls race each other, so that their number varies. */
  isRacing?: true
  /** It may leave files behind that nobody holds, until they are swept up. */
  isSwept?: true
  resourceId?: string
  /** What the caller does when it was not told that it is done, and then is. */
  again?: (scene: Scene) => Promise<{ ok: boolean }>
}

type Try = Scene & {
  injector: FaultInjector
  settled: () => Promise<void>
  isPromised: boolean
  message?: ServiceBusReceivedMessage
}

const WIDTH = 8

/**
 * Has a use case cut off at every call in turn, in every way, lets other processes recover, and expects the world to be
 * whole.
 */
export async function crashAtEveryCall(makeWorld: (resourceId?: string) => Promise<World>, row: Row): Promise<number> {
  const world = await makeWorld(row.resourceId)
  await knowParties(world)
  const tries = await runAll(world, row, [{ label: 'whole', injector: faultInjector() }])
  await finishAll(world)
  const [first] = tries
  const calls = first?.injector.calls() ?? 0
  const writes = first?.injector.writes() ?? 0
  // A process that dies after a write leaves what it leaves when it dies before the next: all that it has sent.
  const isNew = (fault: Fault, nth: number) => fault !== 'dies after' || nth === writes
  const injectors = FAULTS.flatMap((fault) =>
    Array.from({ length: fault === 'cannot make' ? calls : writes }, (_, at) => at + 1)
      .filter((nth) => isNew(fault, nth))
      .map((nth) => ({ label: `${fault} ${nth}`, injector: faultInjector(fault, nth) })),
  )
  for (const some of row.isAlone ? injectors.map((each) => [each]) : [injectors]) {
    tries.push(...(await runAll(world, row, some)))
    if (row.isAlone) await finishAll(world)
  }
  const flaws = await recoverAndJudge(world, row, tries)
  // Which writes go as one depends on time, so that some tries have a call less.
  const spared = tries.filter((each) => !each.injector.hasInjected() && each !== first && !row.isRacing)
  const tooMany = spared.length > injectors.length / 10 ? spared : []
  expect([...flaws, ...tooMany.map(({ label }) => `${label}: there was no such call`)]).toEqual([])
  return injectors.length
}

/** Register is asked once for each party: so every try makes the same calls. */
async function knowParties({ clients, clock, owner, sender, kari, ola }: World) {
  const partyIdOf = (organization: OrganizationNumber) => {
    const register = async () => Response.json({ partyId: `party-of-${organization}` })
    return altinnParties(register, clients.table(tables.parties), () => clock.now).partyId(organization)
  }
  await Promise.all([owner, sender, kari, ola].map(partyIdOf))
}

async function runAll(world: World, row: Row, injectors: { label: string; injector: FaultInjector }[]): Promise<Try[]> {
  const tries: Try[] = []
  await forEachConcurrent(injectors, WIDTH, async ({ label, injector }) => {
    const id = await row.prepare(world, label)
    const { broker, settled } = world.start(injector)
    tries.push({ world, label, id, broker, settled, injector, isPromised: false })
  })
  if (typeof row.act === 'string') {
    for (const message of await world.pump.take(row.act)) {
      const text = JSON.stringify(message.body)
      const about = tries.find(({ id }) => text.includes(id))
      if (about) about.message = message
    }
  }
  await forEachConcurrent(tries, WIDTH, async (each) => {
    each.isPromised = await run(row, each)
    await each.settled()
  })
  return tries
}

async function run({ act }: Row, each: Try): Promise<boolean> {
  if (typeof act !== 'string') {
    return act(each).then(isOk, () => false)
  }
  if (!each.message) throw new Error(`There is no message for ${each.label}.`)
  await each.world.pump.handle(each.broker, act, each.message)
  return false // it may have been put off
}

const isOk = (answer: unknown) => typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true

/** Other processes do what is left to do. */
async function recover(world: World) {
  await finishAll(world)
  await forgetOldDeadlines(world)
}

async function finishAll(world: World) {
  const { broker, settled } = world.recovering
  for (const seconds of [60, 660]) {
    world.advance(seconds)
    await broker.resumeCommittedChanges()
    await broker.expireDue()
    await world.pump.empty(broker, settled)
  }
}

/** Rows of deadlines that were never set, or hold no more, are removed by what is done at their time. */
async function forgetOldDeadlines(world: World) {
  const { stores, recovering } = world
  const stored = new Map((await storedIn(world)).map(({ transfer }) => [transfer.id, transfer]))
  for (const row of await all(stores.due.dueBy(world.later(FOR_EVER)))) {
    const deadlines = stored.get(row.fileTransferId)?.deadlines ?? []
    if (!findDeadline(deadlines, row)) await recovering.broker.doDeferredWork({ work: 'meetDeadline', row })
  }
}

async function recoverAndJudge(world: World, row: Row, tries: Try[]): Promise<string[]> {
  await recover(world)
  if (row.isSwept) await world.sweep(world.recovering.broker)
  let stored = await storedIn(world)
  const flaws = tries.flatMap((each) => flawsOfTry(row, each, stored))
  if (row.again) {
    const again = tries.filter((each) => placeOf(row, each, stored) !== row.done)
    await forEachConcurrent(again, WIDTH, async (each) => {
      const answer = await row.again?.({ ...each, broker: world.recovering.broker })
      if (!answer?.ok) flaws.push(`${each.label}: not done when it was asked for again: ${JSON.stringify(answer)}`)
    })
    if (again.length > 0) await recover(world)
    stored = await storedIn(world)
    for (const each of again) {
      const place = placeOf(row, each, stored)
      if (place !== row.done) flaws.push(`${each.label}: ${place}, after it was asked for again`)
    }
  }
  for (const { transfer } of stored) world.labels.set(transfer.id, transfer.sendersFileTransferReference)
  return [...flaws, ...(await flawsOf(world, stored))]
}

function flawsOfTry(row: Row, each: Try, stored: Stored[]): string[] {
  const place = placeOf(row, each, stored)
  const mustBeDone = each.isPromised || each.label === 'whole'
  const allowed = mustBeDone ? [row.done] : [row.done, ...row.orElse]
  return allowed.includes(place) ? [] : [`${each.label}: ${place}, and not ${allowed.join(' or ')}`]
}

function placeOf({ where = ({ status }) => status }: Row, { world, label, id }: Try, stored: Stored[]): Place {
  const found = stored.find(({ transfer }) => transfer.id === id || transfer.sendersFileTransferReference === label)
  return found && where(found.transfer, world)
}
