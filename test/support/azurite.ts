import { randomUUID } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { DefaultAzureCredential } from '@azure/identity'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll, inject } from 'vitest'
import { connectTables, type TableAccount } from '../../src/adapters/tableService/connection.js'
import { type Table, tableOf } from '../../src/adapters/tableService/table.js'
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

/** A table, and the SDK's client of the same one. */
export type TestTable = Table & { sdk: TableClient }
/** What a test puts before the account. */
type Through = (account: TableAccount) => TableAccount

const STALL_MS = 5000

/** The tables of an account. */
export const connectTo = (connectionString: string): TableAccount =>
  connectTables({ connectionString }, new DefaultAzureCredential(), STALL_MS)

/** Makes tables, each new and empty, in the emulator that all files share. */
export const azuriteTables =
  () =>
  async (through: Through = (account) => account): Promise<TestTable> => {
    const port = Number(await (await fetch(`${inject('sharedStacks')}/tables`)).text())
    const name = `t${randomUUID().replaceAll('-', '')}`
    const connectionString = connectionStringOf('table', 'tables', port)
    const sdk = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true })
    await sdk.createTable()
    return { ...tableOf(through(connectTo(connectionString)), name), sdk }
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
