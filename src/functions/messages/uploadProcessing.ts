import { app } from '@azure/functions'
import { broker, messageHandler } from '../../app.js'
import { queues } from '../../config.js'

app.serviceBusQueue('processUpload', {
  connection: 'ServiceBus',
  queueName: queues.uploadProcessing,
  handler: messageHandler('uploadProcessing', broker.processUpload),
})

app.serviceBusQueue('recordScanResult', {
  connection: 'ServiceBus',
  queueName: queues.malwareScanResults,
  handler: messageHandler('malwareScanResults', async (results) => {
    for (const result of results) await broker.recordScanResult(result)
  }),
})
