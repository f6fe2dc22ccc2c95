import { describe, expect, test } from 'vitest'
import { initialize, type ResourceContext } from '../../../src/domain/fileTransfer/initialize.js'
import { err, ok } from '../../../src/domain/result.js'
import {
  allIsWell,
  fileTransferId,
  inSeconds,
  kari,
  ola,
  owner,
  request,
  sender,
  start,
  vendor,
} from '../../support/builders.js'

const now = { id: fileTransferId, at: start, vendor: undefined }
const { resource } = allIsWell
const requiring = (requiredParty: string): ResourceContext => ({
  ...allIsWell,
  resource: { ...resource, requiredParty },
})

describe('initializing a file transfer', () => {
  test('gives a transfer without a file, and its first fact', () => {
    expect(initialize(request, allIsWell, now)).toEqual(
      ok({
        transfer: {
          id: fileTransferId,
          resourceId: 'letters',
          serviceOwner: owner,
          sender,
          recipients: {
            [kari]: { status: 'Initialized', changedAt: start },
            [ola]: { status: 'Initialized', changedAt: start },
          },
          fileName: 'report.pdf',
          sendersFileTransferReference: 'our-7',
          propertyList: { color: 'blue' },
          checksum: '',
          useVirusScan: true,
          createdAt: start,
          expirationTime: inSeconds(30 * 86_400),
          sequence: 1,
          lastFactAt: start,
          statusChangedAt: start,
          statusSequence: 1,
          deadlines: [{ kind: 'expire', at: inSeconds(30 * 86_400), sequence: 1 }],
          status: 'Initialized',
        },
        facts: [{ type: 'Initialized', at: start }],
      }),
    )
  })

  test('keeps the partition of the search rows; the first one by its absence', () => {
    expect(initialize(request, allIsWell, { ...now, searchPartition: 3 })).toMatchObject(
      ok({ transfer: { searchPartition: 3 } }),
    )
    const first = initialize(request, allIsWell, { ...now, searchPartition: 0 })
    expect(first.ok && 'searchPartition' in first.value.transfer).toBe(false)
  })

  test('records the vendor that acted for the sender', () => {
    expect(initialize(request, allIsWell, { ...now, vendor })).toMatchObject(
      ok({ facts: [{ type: 'Initialized', vendor, at: start }] }),
    )
  })

  test('sets the expiry by the time to live of the resource', () => {
    const facts = { ...allIsWell, resource: { ...resource, timeToLiveSeconds: 60 } }

    expect(initialize(request, facts, now)).toMatchObject(ok({ transfer: { expirationTime: inSeconds(60) } }))
  })

  test('distinguishes a checksum that is null from an empty one', () => {
    expect(initialize({ ...request, checksum: null }, allIsWell, now)).toMatchObject(
      ok({ transfer: { checksum: null } }),
    )
  })

  test.each<[string, Partial<ResourceContext>]>([
    ['ResourceHasNotBeenConfigured', { resource: undefined }],
    ['ServiceOwnerNotConfigured', { owner: undefined }],
    ['StorageProviderNotReady', { owner: { ...allIsWell.owner, storageReadyAt: undefined } }],
    ['InvalidResourceDefinition', { isRegistered: false }],
    ['RecipientNotInAccessList', { isOutsideAccessList: true }],
  ])('is refused with %s', (problem, facts) => {
    expect(initialize(request, { ...allIsWell, ...facts }, now)).toEqual(err(problem))
  })

  test('without a virus scan is refused in production, unless the resource is approved for it', () => {
    const unscanned = { ...request, disableVirusScan: true }
    const approved = { ...resource, isApprovedForDisabledVirusScan: true }

    expect(initialize(unscanned, { ...allIsWell, isProduction: true }, now)).toEqual(
      err('NotApprovedForDisabledVirusScan'),
    )
    expect(initialize(unscanned, { ...allIsWell, isProduction: true, resource: approved }, now).ok).toBe(true)
    expect(initialize(unscanned, allIsWell, now)).toMatchObject(ok({ transfer: { useVirusScan: false } }))
    expect(initialize(request, { ...allIsWell, isProduction: true }, now).ok).toBe(true)
  })

  test('is refused with the first problem in the order of Altinn Broker', () => {
    const recipients = [kari, ola]
    let facts: ResourceContext = {
      resource: undefined,
      owner: undefined,
      isRegistered: false,
      isOutsideAccessList: true,
      isProduction: true,
    }
    let asked = { ...request, disableVirusScan: true, recipients }
    const refusal = () => initialize(asked, facts, now)

    expect(refusal()).toEqual(err('ResourceHasNotBeenConfigured'))
    facts = { ...facts, resource: { ...resource, requiredParty: owner } }
    expect(refusal()).toEqual(err('ServiceOwnerNotConfigured'))
    facts = { ...facts, owner: { ...allIsWell.owner, storageReadyAt: undefined } }
    expect(refusal()).toEqual(err('NotApprovedForDisabledVirusScan'))
    facts = { ...facts, isProduction: false }
    expect(refusal()).toEqual(err('StorageProviderNotReady'))
    facts = { ...facts, owner: allIsWell.owner }
    expect(refusal()).toEqual(err('InvalidResourceDefinition'))
    facts = { ...facts, isRegistered: true }
    expect(refusal()).toEqual(err('RecipientNotInAccessList'))
    facts = { ...facts, isOutsideAccessList: false }
    expect(refusal()).toEqual(err('RequiredPartyInvalidRecipientConfiguration'))
    asked = { ...asked, recipients: [kari] }
    expect(refusal()).toEqual(err('RequiredPartyNotSpecified'))
    asked = { ...asked, recipients: [owner] }
    expect(refusal().ok).toBe(true)
  })
})

describe('initializing for a resource that requires a party', () => {
  test.each([sender, `0192:${sender}`, `urn:altinn:organization:identifier-no:${sender}`])(
    'is allowed to that party as the sender, named %s, with any recipients',
    (party) => {
      expect(initialize(request, requiring(party), now).ok).toBe(true)
    },
  )

  test('is allowed to others when that party is the only recipient', () => {
    expect(initialize({ ...request, recipients: [kari] }, requiring(`0192:${kari}`), now).ok).toBe(true)
  })

  test('is refused when that party is one of several recipients', () => {
    expect(initialize(request, requiring(kari), now)).toEqual(err('RequiredPartyInvalidRecipientConfiguration'))
  })

  test('is refused when the only recipient is another', () => {
    expect(initialize({ ...request, recipients: [ola] }, requiring(kari), now)).toEqual(
      err('RequiredPartyNotSpecified'),
    )
  })

  test('is allowed to all when the party is blank', () => {
    expect(initialize(request, requiring(' '), now).ok).toBe(true)
  })
})
