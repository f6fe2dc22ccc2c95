import { app } from '@azure/functions'
import { broker, messageHandler } from '../../app.js'
import { fileTransferEvents } from '../../config.js'

app.serviceBusTopic('recordStatistics', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.statistics,
  handler: messageHandler('statistics', broker.recordStatistics),
})
