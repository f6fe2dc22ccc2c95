import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { err, ok } from '../../../src/domain/result.js'
import type { AccessPolicy } from '../../../src/usecases/ports/access.js'
import { getFileTransfer, getFileTransferDetails } from '../../../src/usecases/receiving/viewFileTransfer.js'
import { callerFor, memoryWorld, policyOf } from '../../support/memoryBroker.js'
import { anyOrganization, anyOrganizations, kari, ola, organization, sender } from '../../support/samples.js'

/** The use cases, and what the policy was asked. */
async function viewed(
  isPermitted: AccessPolicy['isPermitted'] = async (caller, { party }) => caller.organization === party,
) {
  const world = await memoryWorld()
  const asked: string[] = []
  const policy = policyOf(isPermitted)
  const access: AccessPolicy = {
    isPermitted: async (caller, question) => {
      asked.push(`${question.actions.join()} ${question.party}`)
      return policy.isPermitted(caller, question)
    },
    permittedParties: async (caller, question, parties) => {
      asked.push(`${question.actions.join()} ${parties.length} parties`)
      return policy.permittedParties(caller, question, parties)
    },
  }
  const deps = { transfers: world.stores.transfers, access }
  return { world, asked, overview: getFileTransfer(deps), details: getFileTransferDetails(deps) }
}

describe('looking at a file transfer', () => {
  test.each([
    ['the sender', sender],
    ['a recipient', ola],
  ])('shows it to %s, with or without all that has happened', async (_, who) => {
    const { world, overview, details } = await viewed()
    const id = await world.published()
    const { transfer } = await world.read(id)

    expect(await overview(callerFor(who), id)).toEqual(ok(transfer))
    expect(await details(callerFor(who), id)).toEqual(ok({ transfer, facts: await world.factsOf(id) }))
  })

  test('is refused for a transfer that is not there', async () => {
    const { overview, details } = await viewed()

    expect(await overview(callerFor(sender), randomUUID())).toEqual(err('FileTransferNotFound'))
    expect(await details(callerFor(sender), randomUUID())).toEqual(err('FileTransferNotFound'))
  })

  test.each([anyOrganization(), undefined])('is refused for anybody else (%s)', async (who) => {
    const { world, overview, details } = await viewed()
    const id = await world.begin()

    expect(await overview(callerFor(who), id)).toEqual(err('NoAccessToResource'))
    expect(await details(callerFor(who), id)).toEqual(err('NoAccessToResource'))
  })

  test('is possible for whoever may act for one of those who take part', async () => {
    const { world, overview } = await viewed(async (_, { party }) => party === ola)
    const id = await world.begin()

    expect(await overview(callerFor(organization('999888777')), id)).toMatchObject({ ok: true })
  })

  test('asks the policy about the role of the caller first, and no more than it takes', async () => {
    const { world, asked, overview } = await viewed()
    const id = await world.begin()

    await overview(callerFor(kari), id)
    expect(asked.splice(0)).toEqual([`read ${kari}`])

    await overview(callerFor(sender), id)
    expect(asked).toEqual([`write ${sender}`])
  })

  test('asks twice for an outsider, however many recipients there are', async () => {
    const { world, asked, overview, details } = await viewed()
    const id = await world.begin({ recipients: anyOrganizations(1000) })

    for (const look of [overview, details]) {
      expect(await look(callerFor(organization('999888777')), id)).toEqual(err('NoAccessToResource'))
      expect(asked.splice(0)).toEqual([`write ${sender}`, 'read 1000 parties'])
    }
  })

  test('lets a sender that is among the recipients see it in either role', async () => {
    const { world, overview } = await viewed(async (_, { actions }) => actions.includes('read'))
    const id = await world.begin({ recipients: [sender, kari] })

    expect(await overview(callerFor(sender), id)).toMatchObject({ ok: true })
  })
})
