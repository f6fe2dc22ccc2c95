import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { assertFree, portsOf, portsToOpen } from '../local/ports.ts'
import { startOptions } from '../local/start/options.ts'
import { onStop } from '../local/start/signals.ts'

// `npm start`: what can be wrong is said before anything is built. Then local/start/main.ts starts the stack, in this
// process: npm sends its signals to the program that it has started, and to no other.

const { emulators } = orExit(() => startOptions(process.argv.slice(2), process.env))
const ports = orExit(() => portsOf(process.env))
await assertFree(ports, portsToOpen(emulators)).catch(({ message }: Error) => {
  console.error(message)
  console.error('What uses a port: `lsof -i :PORT`, in Windows `netstat -ano`. Another `npm start`, perhaps?')
  process.exit(1)
})
await build()
await import(new URL('../dist/local/start/main.js', import.meta.url).href)

/** The build and all that it starts are a group of processes, so that a signal ends all of it. */
async function build(): Promise<void> {
  const detached = process.platform !== 'win32'
  const building = spawn(process.execPath, ['tools/build.ts'], { stdio: 'inherit', detached })
  const stop = () => {
    if (building.pid !== undefined) process.kill(detached ? -building.pid : building.pid, 'SIGKILL')
    process.exit(1)
  }
  const offStop = onStop(stop, stop)
  const [code] = await once(building, 'exit')
  offStop()
  if (code !== 0) process.exit(1)
}

function orExit<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
