import { expect, test } from 'vitest'
import { startServiceBus } from '../../../local/serviceBus/serviceBus.js'
import { copyOfProgram, hasDotnet } from '../../support/otherPrograms.js'

const entities = {
  queues: {
    plain: {},
    brief: { maxDeliveryCount: 3, lockDurationMs: 2000 },
    filtered: { duplicateDetectionMs: 60_000 },
  },
  topics: { events: { subscriptions: { one: {}, two: {} } } },
}

test.skipIf(!hasDotnet)(
  'the .NET client works as with Azure (where dotnet is installed)',
  { timeout: 300_000 },
  async () => {
    const broker = await startServiceBus({ entities })
    try {
      const { run } = await copyOfProgram('local/dotnet', 'service-bus-dotnet')

      expect(await run('dotnet', ['run'], { ServiceBus: broker.connectionString })).toContain('done')
    } finally {
      await broker.close()
    }
  },
)
