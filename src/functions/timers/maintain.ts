import { app, trigger } from '@azure/functions'
import { broker, tasksByName } from '../../app.js'

// One timer for all: on Flex Consumption every timer is a function group with its own instances (docs/decisions/0037).
app.timer('maintain', {
  schedule: '*/30 * * * * *', // twice a minute
  handler: () => broker.maintain(),
})

// Nothing but `POST /admin/functions/{task}` runs these, whether the task is due or not.
if (tasksByName) {
  for (const [task, run] of Object.entries(broker.tasks)) {
    app.generic(task, { trigger: trigger.generic({ type: 'manualTrigger' }), handler: async () => void (await run()) })
  }
}
