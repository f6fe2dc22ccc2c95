import { app } from '@azure/functions'
import { stop } from '../../app.js'

// Bodies of requests and responses are streams: a file never lies in memory as a whole.
app.setup({ enableHttpStream: true })

app.hook.appTerminate(stop)
