import { app } from '@azure/functions'
import { broker } from '../app.js'
import { fileTransferEvents, queues } from '../config.js'
import { announcement, eventDelivery } from './messages.js'
import { patiently } from './patiently.js'

app.serviceBusTopic('fanOutEvents', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.altinnEvents,
  handler: patiently('altinnEvents', (message) => announcement.parse(message), broker.fanOutEvents),
})

app.serviceBusQueue('deliverEvent', {
  connection: 'ServiceBus',
  queueName: queues.eventDelivery,
  handler: patiently('eventDelivery', (message) => eventDelivery.parse(message), broker.deliverEvent),
})
