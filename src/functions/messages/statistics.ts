import { app } from '@azure/functions'
import { broker } from '../../app.js'
import { fileTransferEvents } from '../../config.js'
import { messageHandler } from './messageHandler.js'
import { changeNotification } from './messages.js'

app.serviceBusTopic('recordStatistics', {
  connection: 'ServiceBus',
  topicName: fileTransferEvents.topic,
  subscriptionName: fileTransferEvents.subscriptions.statistics,
  handler: messageHandler('statistics', (message) => changeNotification.parse(message), broker.recordStatistics),
})
