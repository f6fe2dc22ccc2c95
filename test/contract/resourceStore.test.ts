import { describe, expect, test } from 'vitest'
import { tableResourceStore } from '../../src/adapters/tables/tableResourceStore.js'
import { newResource, type Resource } from '../../src/domain/resource.js'
import type { ResourceStore } from '../../src/usecases/ports/resources.js'
import { memoryResourceStore } from '../memory/memoryResourceStore.js'
import { azuriteTables } from '../support/azurite.js'
import { anyOrganization, owner } from '../support/samples.js'

const full: Resource = {
  id: 'urn:æøå/\\#?%',
  owner,
  maxFileTransferSize: 1_677_721_600_000,
  timeToLiveSeconds: 86_400,
  purgeAfterAllConfirmed: false,
  graceSeconds: 0,
  useManifestFileShim: true,
  externalServiceCodeLegacy: '4752',
  externalServiceEditionCodeLegacy: 1,
  requiredParty: '0192:991825827',
  reminders: [604_800, -172_800],
  isApprovedForDisabledVirusScan: true,
}

function resourceStoreContract(name: string, makeStore: () => Promise<Omit<ResourceStore, 'recent'>>) {
  describe(`a resource store in ${name}`, () => {
    test('has nothing under an id that was never saved', async () => {
      const store = await makeStore()

      expect(await store.read('bilag')).toBeUndefined()
    })

    test.each([
      ['with everything decided', full],
      ['with nothing decided', newResource('bilag', owner)],
      ['without a required party', { ...newResource('bilag', owner), requiredParty: '' }],
    ])('gives a resource back exactly, %s', async (_, resource) => {
      const store = await makeStore()

      expect(await store.save(resource, undefined)).toBe('saved')

      expect((await store.read(resource.id))?.resource).toStrictEqual(resource)
    })

    test('lists the ids of an owner, up to a limit', async () => {
      const store = await makeStore()
      const ids = ['bilag', full.id, 'skatt']
      for (const id of ids) await store.save({ ...full, id }, undefined)
      const known = await store.read('bilag')
      await store.save(newResource('bilag', owner), known?.version)
      await store.save(newResource('annet', anyOrganization()), undefined)

      expect((await store.idsOf(owner, 10)).toSorted()).toEqual(ids.toSorted())
      expect(await store.idsOf(owner, 2)).toHaveLength(2)
      expect(await store.idsOf(anyOrganization(), 2)).toEqual([])
    })

    test('makes a resource once', async () => {
      const store = await makeStore()
      await store.save(newResource('bilag', owner), undefined)

      expect(await store.save({ ...full, id: 'bilag' }, undefined)).toBe('conflict')
      expect((await store.read('bilag'))?.resource).toStrictEqual(newResource('bilag', owner))
    })

    test('replaces what was read, and drops what is not set any more', async () => {
      const store = await makeStore()
      await store.save(full, undefined)
      const first = await store.read(full.id)

      expect(await store.save(newResource(full.id, owner), first?.version)).toBe('saved')

      const second = await store.read(full.id)
      expect(second?.resource).toStrictEqual(newResource(full.id, owner))
      expect(second?.version).not.toBe(first?.version)
    })

    test('refuses to replace a version that is not there any more', async () => {
      const store = await makeStore()
      await store.save(full, undefined)
      const first = await store.read(full.id)
      await store.save({ ...full, graceSeconds: 1 }, first?.version)

      expect(await store.save({ ...full, graceSeconds: 2 }, first?.version)).toBe('conflict')
      expect((await store.read(full.id))?.resource.graceSeconds).toBe(1)
    })

    test('refuses to replace a resource that is not there', async () => {
      const store = await makeStore()

      expect(await store.save(full, 'W/"nothing"')).toBe('conflict')
      expect(await store.read(full.id)).toBeUndefined()
    })

    test('lets one of many that change the same version through', async () => {
      const store = await makeStore()
      await store.save(full, undefined)
      const version = (await store.read(full.id))?.version

      const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => store.save({ ...full, graceSeconds: n }, version)))

      expect(answers.filter((answer) => answer === 'saved')).toHaveLength(1)
    })
  })
}

const makeTable = azuriteTables()
resourceStoreContract('memory', async () => memoryResourceStore())
resourceStoreContract('an Azure table', async () => tableResourceStore(await makeTable()))
