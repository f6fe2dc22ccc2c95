import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { TableClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { afterAll, beforeAll } from 'vitest'
import { freePorts } from '../../local/ports.js'
import { until } from './until.js'

const key = Buffer.from('only-for-the-emulator').toString('base64')

/** One storage emulator for the tests of a file, in memory and on a free port. */
export function azurite(service: 'blob' | 'table', accounts: string[]) {
  const running = { port: 0 }
  let stop = () => {}

  beforeAll(async () => {
    running.port = (await freePorts())[service]
    const ports = { blob: 0, queue: 0, table: 0, [service]: running.port } // 0: any, and nobody asks
    const flags = [
      ...Object.entries(ports).flatMap(([name, port]) => [`--${name}Port`, `${port}`]),
      ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
      // So many seconds: no connection is closed under a test's hands. The mains of the single services take no notice of it.
      ...[`--${service}KeepAliveTimeout`, '600'],
    ]
    const emulator = spawn(process.execPath, ['node_modules/azurite/dist/src/azurite.js', ...flags], {
      env: { ...process.env, AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${key}`).join(';') },
    })
    stop = () => emulator.kill()
    await until(() => fetch(`http://127.0.0.1:${running.port}/`))
  })

  afterAll(() => stop())

  return {
    key,
    port: () => running.port,
    connectionString(account: string, port = running.port) {
      const url = `http://127.0.0.1:${port}/${account}`
      const endpoint = service === 'blob' ? 'BlobEndpoint' : 'TableEndpoint'
      return `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoint}=${url};`
    },
  }
}

/** Makes tables, each new and empty, in one emulator for the tests of this file. */
export function azuriteTables() {
  const { connectionString } = azurite('table', ['tables'])
  return async (): Promise<TableClient> => {
    const name = `t${randomUUID().replaceAll('-', '')}`
    const table = TableClient.fromConnectionString(connectionString('tables'), name, { allowInsecureConnection: true })
    await table.createTable()
    return table
  }
}

/** The two accounts for files, in one emulator for the tests of this file; reached on another port if one is given. */
export function azuriteBlobs() {
  const { connectionString, port } = azurite('blob', ['scanned', 'unscanned'])
  const account = (name: string, on?: number) =>
    BlobServiceClient.fromConnectionString(connectionString(name, on), { retryOptions: { retryDelayInMs: 10 } })
  const accounts = (on?: number) => ({ scanned: account('scanned', on), unscanned: account('unscanned', on) })
  return Object.assign(accounts, { port })
}
