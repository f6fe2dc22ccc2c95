import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TableServiceClient } from '@azure/data-tables'
import { BlobServiceClient } from '@azure/storage-blob'
import { BACKUPS_CONTAINER } from '../../src/adapters/blobs/azureBackups.js'
import { tables } from '../../src/config.js'
import { detach, type LineLog, type StackProcess, startProcess } from '../childProcess.js'
import { program, projectRoot } from '../paths.js'
import { defaultPorts, freePorts, type Ports } from '../ports.js'
import { type Settings, sampleSettings } from '../settings.js'
import { type CommittedBlob, committedBlob } from './committedBlobs.js'

/**
 * Where Azurite keeps its data: `keep` in a folder below `.local` for the next time, `fresh` in one that is removed when
 * it stops, or in memory. `restart`: in a folder that is written when it is asked to stop, and then alone, since saving
 * a large table takes seconds.
 */
export type StorageData = 'keep' | 'fresh' | 'memory' | 'restart'

/** Where Azurite listens. */
export type StoragePorts = Pick<Ports, 'blob' | 'queue' | 'table'>

/** A stack on other ports has a folder of its own: starting it must not empty that of a stack in use. */
export const folderFor = ({ blob }: StoragePorts, data: StorageData): string =>
  join(
    projectRoot,
    '.local',
    ['azurite', (data === 'fresh' || data === 'restart') && data, blob !== defaultPorts.blob && blob]
      .filter(Boolean)
      .join('-'),
  )

/** Where the lines of Azurite go, and the blobs that its access log reports as committed. */
export type AzuriteListener = { log: LineLog; onBlobCommitted: (blob: CommittedBlob) => void }

/** Azurite with the accounts `scanned`, `unscanned` and `backups`; the first is listened to. */
export async function startAzurite(
  options: { ports: StoragePorts; settings: Settings; data: StorageData } & AzuriteListener,
): Promise<StackProcess> {
  const { ports, settings, data } = options
  const folder = folderFor(ports, data)
  const place = data === 'memory' ? ['--inMemoryPersistence'] : ['--location', folder]
  const removeFresh = async () => {
    if (data === 'fresh') await rm(folder, { recursive: true, force: true })
  }
  await removeFresh() // what a killed one has left
  const azurite = await runAzurite(
    ports,
    accountsWith(settings),
    place,
    new Map([['scanned', options]]),
    data === 'restart',
  )
  return { ...azurite, stop: (withinMs) => azurite.stop(withinMs).then(removeFresh) }
}

/** An Azurite for several stacks: each has accounts of its own there, which end in its number. */
export type SharedAzurite = {
  ports: StoragePorts
  /** These settings with accounts that no stack has had. The first is listened to. */
  newAccounts(settings: Settings, listener: AzuriteListener): Settings
}

/** So many stacks can share one. */
const MOST_STACKS = 100

/** Starts an Azurite in memory that ends with this process, and does not keep it. */
export async function startSharedAzurite(): Promise<SharedAzurite> {
  const { blob, queue, table } = await freePorts()
  const ports = { blob, queue, table }
  const suffixes = Array.from({ length: MOST_STACKS }, (_, index) => `${index}`)
  const settings = await sampleSettings()
  const listeners = new Map<string, AzuriteListener>()
  const accounts = suffixes.map((suffix) => accountsWith(settings, suffix)).join(';')
  const { process } = await runAzurite(ports, accounts, ['--inMemoryPersistence'], listeners)
  detach(process)
  return {
    ports,
    newAccounts(settings, listener) {
      const suffix = suffixes.shift()
      if (suffix === undefined) throw new Error(`More than ${MOST_STACKS} stacks share one Azurite.`)
      listeners.set(`scanned${suffix}`, listener)
      const rename = (value: string) => value.replace(/\b(unscanned|scanned|backups)\b/g, `$1${suffix}`)
      return Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [name, value.includes('AccountName=') ? rename(value) : value]),
      )
    },
  }
}

const runAzurite = (
  ports: StoragePorts,
  accounts: string,
  place: string[],
  listeners: ReadonlyMap<string, AzuriteListener>,
  savesAtStop = false,
) =>
  startProcess({
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
      ...place,
    ],
    execArgv: ['--import', pathToFileURL(program('local/azurite/prelude.js')).href],
    env: { AZURITE_ACCOUNTS: accounts, ...(savesAtStop && { LOCAL_SAVES: 'at-stop' }) },
    isReady: (line) => line.startsWith('Azurite Table service is successfully listening'),
    onLine(line) {
      const committed = committedBlob(line)
      if (committed) listeners.get(committed.account)?.onBlobCommitted(committed.blob)
      else if (!ACCESS.test(line)) for (const { log } of listeners.values()) log(line)
    },
  })

const ACCESS = /" \d{3} (\d+|-)$/

/** The accounts as Azurite takes them. */
function accountsWith(settings: Settings, suffix = ''): string {
  const key = accountKey(settings)
  return ['scanned', 'unscanned', 'backups'].map((name) => `${name}${suffix}:${key}`).join(';')
}

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
