import { startLocalAltinn } from '../altinn/localAltinn.js'
import { createTables } from '../azurite/azurite.js'
import { watchListing } from '../azurite/composeWatch.js'
import { startConsole } from '../console.js'
import { portsOf } from '../ports.js'
import { readSettings } from '../settings.js'

/**
 * The Altinn simulator and the console in a container, beside the app and the emulators of compose.yaml. Before them it
 * makes what the app finds at its start: the tables, and settings with a new key.
 */

const EVERYWHERE = '0.0.0.0'
const ports = portsOf(process.env)
const urls = { app: `http://127.0.0.1:${ports.app}`, altinn: `http://127.0.0.1:${ports.altinn}` }
const stopping = new AbortController()

const settings = await readSettings()
await createTables(settings)
const environment = { ...settings, ALTINN_PORT: `${ports.altinn}`, BROKER_URL: urls.app }
const altinn = await startLocalAltinn(environment, console.error, EVERYWHERE)
watchListing(settings, ({ container, name }) => altinn.blobCommitted(container, name), stopping.signal)
const page = await startConsole(ports.console, urls, EVERYWHERE)
console.log(`Altinn simulator: ${urls.altinn}, console: http://127.0.0.1:${ports.console}, to try: ${urls.altinn}/try`)

process.once('SIGTERM', () => {
  stopping.abort()
  void Promise.all([altinn.stop(), page.stop()]).finally(() => process.exit(0))
})
