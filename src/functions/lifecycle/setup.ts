import { app } from '@azure/functions'
import { stop } from '../../app.js'

// Bodies of requests and responses are streams: a file is never in memory as a whole.
app.setup({ enableHttpStream: true })

app.hook.appTerminate(stop)
