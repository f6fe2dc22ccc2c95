import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TableServiceClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { tables } from '../../src/config.js'
import { type LineLog, type StackProcess, startProcess } from '../childProcess.js'
import { program, projectRoot } from '../paths.js'
import { defaultPorts, type Ports } from '../ports.js'
import type { Settings } from '../settings.js'
import { type CommittedBlob, committedBlob } from './committedBlobs.js'

/** Where Azurite keeps its data: in a folder below `.local`, which `fresh` empties first, or in memory. */
export type StorageData = 'keep' | 'fresh' | 'memory'

/** A stack on other ports has a folder of its own: starting it must not empty that of a stack in use. */
const folderFor = ({ blob }: Ports) =>
  join(projectRoot, '.local', blob === defaultPorts.blob ? 'azurite' : `azurite-${blob}`)

/** Azurite with the accounts `scanned`, `unscanned` and `backups`. Its access log says which blobs are committed. */
export async function startAzurite(options: {
  ports: Ports
  settings: Settings
  data: StorageData
  log: LineLog
  onBlobCommitted: (blob: CommittedBlob) => void
}): Promise<StackProcess> {
  const { ports, settings, data, log, onBlobCommitted } = options
  const folder = folderFor(ports)
  if (data === 'fresh') await rm(folder, { recursive: true, force: true })
  const key = accountKey(settings)
  return startProcess({
    name: 'azurite',
    file: join(projectRoot, 'node_modules/azurite/dist/src/azurite.js'),
    args: [
      ...[
        ['--blobPort', `${ports.blob}`],
        ['--queuePort', `${ports.queue}`],
        ['--tablePort', `${ports.table}`],
        ['--blobKeepAliveTimeout', '60'],
        ['--tableKeepAliveTimeout', '60'],
      ].flat(),
      '--disableTelemetry',
      '--skipApiVersionCheck',
      ...(data === 'memory' ? ['--inMemoryPersistence'] : ['--location', folder]),
    ],
    execArgv: ['--import', pathToFileURL(program('local/azurite/prelude.js')).href],
    env: { AZURITE_ACCOUNTS: `scanned:${key};unscanned:${key};backups:${key}` },
    isReady: (line) => line.startsWith('Azurite Table service is successfully listening'),
    onLine(line) {
      const blob = committedBlob(line, 'scanned')
      if (blob) onBlobCommitted(blob)
      else if (!ACCESS.test(line)) log(line)
    },
  })
}

const ACCESS = /" \d{3} (\d+|-)$/

function accountKey({ ScannedBlobs = '' }: Settings): string {
  const [, key] = /AccountKey=([^;]+)/.exec(ScannedBlobs) ?? []
  if (!key) throw new Error('The setting ScannedBlobs has no AccountKey.')
  return key
}

/** Creates the app's tables and the container of backups, as the deployment does in Azure. Idempotent. */
export async function createTables({ Tables = '', Backups = '' }: Settings): Promise<void> {
  const client = TableServiceClient.fromConnectionString(Tables, { allowInsecureConnection: true })
  const backups = BlobServiceClient.fromConnectionString(Backups).getContainerClient(BACKUPS_CONTAINER)
  await Promise.all([...Object.values(tables).map((name) => client.createTable(name)), backups.createIfNotExists()])
}
