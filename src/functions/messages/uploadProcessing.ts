import { app } from '@azure/functions'
import { broker } from '../../app.js'
import { queues } from '../../config.js'
import { messageHandler } from './messageHandler.js'
import { checkUploadMessage, scanResults } from './messages.js'

app.serviceBusQueue('processUpload', {
  connection: 'ServiceBus',
  queueName: queues.uploadProcessing,
  handler: messageHandler('uploadProcessing', (message) => checkUploadMessage.parse(message), broker.processUpload),
})

app.serviceBusQueue('recordScanResult', {
  connection: 'ServiceBus',
  queueName: queues.malwareScanResults,
  handler: messageHandler('malwareScanResults', scanResults, async (results) => {
    for (const result of results) await broker.recordScanResult(result)
  }),
})
