import { join } from 'node:path'
import { startProcess } from '../../local/childProcess.js'
import { projectRoot } from '../../local/paths.js'
import { freePorts } from '../../local/ports.js'

/** The key of every account. */
export const KEY = Buffer.from('only-for-the-emulator').toString('base64')

/** Azurite as it is, in memory, in a process of its own and on a free port. */
export async function startEmulator(service: 'blob' | 'table', accounts: string[]) {
  const port = (await freePorts())[service]
  const ports = { blob: 0, queue: 0, table: 0, [service]: port } // 0: any, and nobody asks
  const { stop } = await startProcess({
    name: 'azurite',
    file: join(projectRoot, 'node_modules/azurite/dist/src/azurite.js'),
    args: [
      ...Object.entries(ports).flatMap(([name, port]) => [`--${name}Port`, `${port}`]),
      ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
      // So many seconds: no connection is closed under a test's hands. The mains of the single services take no notice of it.
      ...[`--${service}KeepAliveTimeout`, '600'],
    ],
    env: { AZURITE_ACCOUNTS: accounts.map((name) => `${name}:${KEY}`).join(';') },
    isReady: (line) => line.startsWith('Azurite Table service is successfully listening'),
    onLine: () => {},
  })
  return { port, stop: () => stop() }
}
