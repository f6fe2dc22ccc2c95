import { app } from '@azure/functions'
import pLimit from 'p-limit'
import { broker } from '../../app.js'
import { fileTransferEvents, queues } from '../../config.js'
import { patiently } from './messageHandler.js'
import { announcement, eventDelivery } from './messages.js'

app.serviceBusTopic('fanOutEvents', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.altinnEvents,
  handler: patiently('altinnEvents', (message) => announcement.parse(message), broker.fanOutEvents),
})

/** Each waits for Altinn, which may be slow: they leave room for what somebody waits for. */
const someAtATime = pLimit(16)

app.serviceBusQueue('deliverEvent', {
  connection: 'ServiceBus',
  queueName: queues.eventDelivery,
  handler: patiently(
    'eventDelivery',
    (message) => eventDelivery.parse(message),
    (delivery, message) => someAtATime(broker.deliverEvent, delivery, message),
  ),
})
