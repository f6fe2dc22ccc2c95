import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { AmqpServer } from 'amqp-emulator'
import { answerInArrays, completeFrames, refuseOversized } from './azureDialect.js'
import { catalogue, countsOf, type Entities, type EntityCounts } from './entities.js'
import { acceptMessages } from './ingress.js'
import { deliverOnce, duplicateAndReorder } from './redelivery.js'
import { offerMssbcbs } from './sasl.js'
import { applyLockDuration, deadLetterAfterMaxDeliveries } from './settlement.js'

/** A broker that listens. */
export type LocalServiceBus = {
  port: number
  connectionString: string
  counts(): Record<string, EntityCounts>
  /** Cuts every connection and accepts none for so long. Messages stay, as they do in Azure. */
  interrupt(ms: number): Promise<void>
  close(): Promise<void>
}

/**
 * A local Azure Service Bus on `port` (0: any free one), in memory: a restarted broker is an empty broker.
 *
 * The npm package `amqp-emulator` speaks AMQP 1.0 as Service Bus does: peek-lock, settlement, deferral, peeking,
 * cancelling. This adds what an application's error handling depends on: declared entities, subscriptions with their
 * own settings, delivery counts that end in the dead-letter queue, scheduled messages, duplicate detection, a size
 * limit. It overrides public functions of exactly that version (0.1.2): raise the pin only with the tests green.
 * There are no sessions, filters, transactions, TLS or access control.
 */
export async function startServiceBus(options: {
  entities: Entities
  port?: number
  host?: string
  /** Every message arrives twice and out of order, within three times as many milliseconds. For tests. */
  redeliveryMs?: number
}): Promise<LocalServiceBus> {
  const { entities, host = '127.0.0.1', redeliveryMs = 0 } = options
  const server = new AmqpServer()
  const bus = server.serviceBus()
  const known = catalogue(entities)

  const delivery = redeliveryMs > 0 ? duplicateAndReorder(redeliveryMs) : deliverOnce
  acceptMessages(bus, known, delivery)
  deadLetterAfterMaxDeliveries(bus, known)
  applyLockDuration(bus, known)
  answerInArrays(bus)
  offerMssbcbs(server)
  completeFrames(server, refuseOversized(bus))
  server.on('error', (error) => console.error('service bus:', error))
  const { port } = await server.listen(options.port ?? 0, host)

  return {
    port,
    connectionString: `Endpoint=sb://${host}:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    counts: () => countsOf(bus, known, delivery),
    async interrupt(ms) {
      const closed = once(server.server, 'close')
      server.server.close()
      for (const connection of [...server.connections]) connection.destroy()
      await closed
      await pause(ms)
      await server.listen(port, host)
    },
    close: () => server.close(),
  }
}
