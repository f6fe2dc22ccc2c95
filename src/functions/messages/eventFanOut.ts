import { app } from '@azure/functions'
import pLimit from 'p-limit'
import { broker } from '../../app.js'
import { fileTransferEvents, queues } from '../../config.js'
import { messageHandler } from './messageHandler.js'
import { changeNotification, eventDelivery } from './messages.js'

app.serviceBusTopic('fanOutEvents', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.altinnEvents,
  handler: messageHandler('altinnEvents', (message) => changeNotification.parse(message), broker.fanOutEvents),
})

/** Each waits for Altinn, which may be slow: they leave room for what somebody waits for. */
const someAtATime = pLimit(16)

app.serviceBusQueue('deliverEvent', {
  connection: 'ServiceBus',
  queueName: queues.eventDelivery,
  handler: messageHandler(
    'eventDelivery',
    (message) => eventDelivery.parse(message),
    (delivery, message) => someAtATime(broker.deliverEvent, delivery, message),
  ),
})
