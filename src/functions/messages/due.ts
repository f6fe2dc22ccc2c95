import { app } from '@azure/functions'
import pLimit from 'p-limit'
import type { z } from 'zod'
import { broker, stop } from '../../app.js'
import { queues } from '../../config.js'
import { patiently } from './messageHandler.js'
import { dueWork } from './messages.js'

/** Deadlines can wait, and very many may come in one minute: they leave room for what somebody waits for. */
const someAtATime = pLimit(16)

app.serviceBusQueue('meetDeadline', {
  connection: 'ServiceBus',
  queueName: queues.due,
  handler: patiently(
    'due',
    (message) => dueWork.parse(message),
    (work) => someAtATime(carryOut, work),
  ),
})

function carryOut(work: z.infer<typeof dueWork>): Promise<unknown> {
  switch (work.work) {
    case 'meetDeadline':
      return broker.meetDeadline(work.row)
    case 'finishUpload':
      return broker.finishUpload(work)
    case 'projectSearch':
      return broker.projectSearch(work)
    case 'removeFileTransfer':
      return broker.removeFileTransfer(work)
  }
}

app.hook.appTerminate(stop)
