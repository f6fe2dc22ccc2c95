import { app } from '@azure/functions'
import pLimit from 'p-limit'
import type { z } from 'zod'
import { broker, stop } from '../../app.js'
import { queues } from '../../config.js'
import { messageHandler } from './messageHandler.js'
import { deferredWork } from './messages.js'

/** Deadlines can wait, and very many may come in one minute: they leave room for what somebody waits for. */
const someAtATime = pLimit(16)

app.serviceBusQueue('meetDeadline', {
  connection: 'ServiceBus',
  queueName: queues.due,
  handler: messageHandler(
    'due',
    (message) => deferredWork.parse(message),
    (work) => someAtATime(runSideEffects, work),
  ),
})

function runSideEffects(work: z.infer<typeof deferredWork>): Promise<unknown> {
  switch (work.work) {
    case 'meetDeadline':
      return broker.applyDeadline(work.row)
    case 'finishUpload':
      return broker.finishUpload(work)
    case 'projectSearch':
      return broker.projectSearch(work)
    case 'removeFileTransfer':
      return broker.removeFileTransfer(work)
  }
}

app.hook.appTerminate(stop)
