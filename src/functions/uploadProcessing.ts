import { app } from '@azure/functions'
import { broker } from '../app.js'
import { queues } from '../config.js'
import { checkUploadMessage, scanResults } from './messages.js'

app.serviceBusQueue('processUpload', {
  connection: 'ServiceBus',
  queueName: queues.uploadProcessing,
  handler: async (message) => broker.processUpload(checkUploadMessage.parse(message)),
})

app.serviceBusQueue('recordScanResult', {
  connection: 'ServiceBus',
  queueName: queues.malwareScanResults,
  handler: async (message) => {
    for (const result of scanResults(message)) await broker.recordScanResult(result)
  },
})
