import { app } from '@azure/functions'
import pLimit from 'p-limit'
import { broker, messageHandler } from '../../app.js'
import { queues } from '../../config.js'

/** Thousands of deadlines may be due in one minute: the limit leaves room for work that a caller waits for. */
const limit = pLimit(16)

app.serviceBusQueue('meetDeadline', {
  connection: 'ServiceBus',
  queueName: queues.due,
  handler: messageHandler('due', (deferred) => limit(broker.doDeferredWork, deferred)),
})
