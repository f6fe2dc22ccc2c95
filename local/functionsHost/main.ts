import { startFunctionsHost } from './host.js'

// The app in a process of its own: node dist/local/functionsHost/main.js APP_DIRECTORY PORT ADDRESS
// Forked, it stops with its parent.
const [, , directory = '.', portText = '7071', hostname = '127.0.0.1'] = process.argv
const port = Number(portText)
try {
  const host = await startFunctionsHost({ directory, port, hostname })
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    void host.stop().finally(() => process.exit())
  }
  process.once('SIGTERM', stop).once('disconnect', stop)
  process.on('SIGINT', () => process.connected || stop()) // a supervisor decides itself what Ctrl-C means
  console.log(`ready: ${host.functions.length} functions on ${host.url}`)
  process.send?.('ready')
} catch (error) {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  console.error(isTaken ? `Port ${port} for the Functions app is taken.` : error)
  process.exit(1)
}
