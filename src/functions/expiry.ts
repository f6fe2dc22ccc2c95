import { app } from '@azure/functions'
import pLimit from 'p-limit'
import type { z } from 'zod'
import { broker, stop } from '../app.js'
import { queues } from '../config.js'
import { dueWork } from './messages.js'
import { patiently } from './patiently.js'

app.timer('expireDue', {
  schedule: '0 * * * * *', // every minute
  handler: async () => void (await broker.expireDue()),
})

app.timer('announcePending', {
  schedule: '*/30 * * * * *', // twice a minute
  handler: async () => void (await broker.repairChanges()),
})

app.timer('sweepOrphans', {
  schedule: '0 20 2 * * *', // every night
  handler: async () => void (await broker.sweepOrphans()),
})

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
