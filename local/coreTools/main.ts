import { spawn } from 'node:child_process'
import { pollUntil } from '../pollUntil.js'

// Core Tools, stopped when the parent is gone: node dist/local/coreTools/main.js APP_DIRECTORY PORT
const [, , directory = '.', port = '7071'] = process.argv
const func = spawn('func', ['start', '--port', port], { cwd: directory, stdio: 'inherit' })
const stop = () => func.kill('SIGTERM')

func.once('error', (error) => {
  console.error(
    `func could not be started: ${error.message}. Install Azure Functions Core Tools, or leave LOCAL_HOST out`,
  )
  process.exit(1)
})
func.once('exit', (code) => process.exit(code ?? 1))
process.once('SIGTERM', stop).once('disconnect', stop)

await pollUntil(isUp, { withinMs: Number.POSITIVE_INFINITY, everyMs: 250 })
process.send?.('ready')

async function isUp(): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/admin/host/status`).catch(() => undefined)
  return answer?.status === 200
}
