import { entities } from '../entities.js'
import { startServiceBus } from './serviceBus.js'

// The broker in a process of its own: node dist/local/serviceBus/main.js PORT
// Forked, it answers the message 'counts', interrupts its service on { interruptMs }, and stops with its parent.
const port = Number(process.argv[2] ?? 5672)
try {
  const { LOCAL_LOCK_SECONDS = 30, LOCAL_REDELIVERY_MS = 0 } = process.env
  const redeliveryMs = Number(LOCAL_REDELIVERY_MS)
  const bus = await startServiceBus({ entities: entities(Number(LOCAL_LOCK_SECONDS)), port, redeliveryMs })
  const stop = () => bus.close().then(() => process.exit())
  process.on('message', (message: 'counts' | { interruptMs: number }) => {
    if (message === 'counts') process.send?.({ type: 'counts', counts: bus.counts() })
    else void bus.interrupt(message.interruptMs).then(() => process.send?.({ type: 'interrupted' }))
  })
  process.once('disconnect', stop).once('SIGTERM', stop)
  process.on('SIGINT', () => process.connected || stop()) // a supervisor decides itself what Ctrl-C means
  console.log(`ready on port ${bus.port}`)
  process.send?.('ready')
} catch (error) {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  console.error(isTaken ? `Port ${port} for the Service Bus is taken.` : error)
  process.exit(1)
}
