import { randomUUID } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, inject } from 'vitest'
import { KEY, type Service, sharedEmulator, startEmulator } from './storageEmulator.js'

/** One storage emulator for the tests of a file, in memory and on a free port, without the index of the local stack. */
export function azurite(service: Service, accounts: string[]) {
  const running = { port: 0 }
  let stop: (() => Promise<void>) | undefined

  beforeAll(async () => {
    const emulator = await startEmulator([service], accounts)
    running.port = emulator.ports[service]
    stop = emulator.stop
  })

  afterAll(() => stop?.())

  return {
    key: KEY,
    port: () => running.port,
    connectionString: (account: string, port = running.port) => connectionStringOf(service, account, port),
  }
}

export function connectionStringOf(service: Service, account: string, port: number) {
  const url = `http://127.0.0.1:${port}/${account}`
  const endpoint = service === 'blob' ? 'BlobEndpoint' : 'TableEndpoint'
  return `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${KEY};${endpoint}=${url};`
}

/** Makes tables, each new and empty, in the emulator that all files share. */
export const azuriteTables = () => async (): Promise<TableClient> => {
  const port = Number(await (await fetch(`${inject('sharedStacks')}/tables`)).text())
  const name = `t${randomUUID().replaceAll('-', '')}`
  const options = { allowInsecureConnection: true }
  const table = TableClient.fromConnectionString(connectionStringOf('table', 'tables', port), name, options)
  await table.createTable()
  return table
}

/** Two accounts for the files of the tests of a file; reached on another port if one is given. */
export function azuriteBlobs() {
  let emulator: Awaited<ReturnType<typeof sharedEmulator>>
  beforeAll(async () => {
    emulator = await sharedEmulator()
  })
  const port = () => emulator.ports.blob
  const account = (name: string, on = port()) =>
    BlobServiceClient.fromConnectionString(connectionStringOf('blob', name + emulator.suffix, on), {
      retryOptions: { retryDelayInMs: 10 },
    })
  const accounts = (on?: number) => ({ scanned: account('scanned', on), unscanned: account('unscanned', on) })
  return Object.assign(accounts, { port })
}
