import { app } from '@azure/functions'
import { broker } from '../app.js'

app.timer('backUpTables', {
  schedule: '0 10 * * * *', // each hour, so that a backup that was cut off does not wait for the next night
  handler: async () => void (await broker.backUpTables()),
})
