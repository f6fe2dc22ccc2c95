import { describe, expect, test } from 'vitest'
import { cachedServiceOwners } from '../../src/adapters/tables/cachedResources.js'
import { tableServiceOwnerStore } from '../../src/adapters/tables/tableResourceStore.js'
import type { ServiceOwnerStore } from '../../src/usecases/ports/resources.js'
import { memoryServiceOwnerStore } from '../memory/memoryResourceStore.js'
import { azuriteTables } from '../support/azurite.js'
import { at, owner } from '../support/samples.js'

const digdir = { organization: owner, name: 'Digitaliseringsdirektoratet æøå', storageReadyAt: undefined }

function serviceOwnerStoreContract(name: string, makeStore: () => Promise<ServiceOwnerStore>) {
  describe(`a service owner store in ${name}`, () => {
    test('is empty at first', async () => {
      const store = await makeStore()

      expect(await store.read(owner)).toBeUndefined()
    })

    test('adds an owner, whose storage is not ready', async () => {
      const store = await makeStore()

      expect(await store.add(digdir)).toBe('added')

      expect(await store.read(owner)).toStrictEqual(digdir)
    })

    test('adds an owner once, and keeps the first', async () => {
      const store = await makeStore()
      await store.add(digdir)

      expect(await store.add({ ...digdir, name: 'Another' })).toBe('exists')
      expect(await store.read(owner)).toStrictEqual(digdir)
    })

    test('keeps the time when the storage was ready, and the name', async () => {
      const store = await makeStore()
      await store.add(digdir)

      await store.setStorageReady(digdir, at)

      expect(await store.read(owner)).toStrictEqual({ ...digdir, storageReadyAt: at })
      expect(await store.add(digdir)).toBe('exists')
    })

    test('does not mark an owner that was never added', async () => {
      const store = await makeStore()

      await expect(store.setStorageReady(digdir, at)).rejects.toThrow()
      expect(await store.read(owner)).toBeUndefined()
    })
  })
}

const makeTable = azuriteTables()
serviceOwnerStoreContract('memory', async () => memoryServiceOwnerStore())
serviceOwnerStoreContract('an Azure table', async () => tableServiceOwnerStore(await makeTable()))
serviceOwnerStoreContract('memory, cached', async () => cachedServiceOwners(memoryServiceOwnerStore()))

test('a service owner is asked for once when its storage is ready, and each time before', async () => {
  const store = memoryServiceOwnerStore()
  let reads = 0
  const counted: ServiceOwnerStore = {
    ...store,
    read: (organization) => store.read(organization).finally(() => reads++),
  }
  const remembered = cachedServiceOwners(counted)
  await remembered.add(digdir)
  await remembered.read(owner)
  await remembered.read(owner)
  await remembered.setStorageReady(digdir, at)

  const answers = [await remembered.read(owner), await remembered.read(owner)]

  expect(reads).toBe(3)
  expect(answers).toStrictEqual([
    { ...digdir, storageReadyAt: at },
    { ...digdir, storageReadyAt: at },
  ])
})
