import { app } from '@azure/functions'
import pLimit from 'p-limit'
import { broker, messageHandler } from '../../app.js'
import { fileTransferEvents, queues } from '../../config.js'

app.serviceBusTopic('fanOutEvents', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.altinnEvents,
  handler: messageHandler('altinnEvents', broker.fanOutEvents),
})

/** Altinn may be slow: the limit leaves room for work that a caller waits for. */
const limit = pLimit(16)

app.serviceBusQueue('deliverEvent', {
  connection: 'ServiceBus',
  queueName: queues.eventDelivery,
  handler: messageHandler('eventDelivery', (delivery, message) => limit(broker.deliverEvent, delivery, message)),
})
