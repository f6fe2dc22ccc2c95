import { app } from '@azure/functions'

// Bodies of requests and responses are streams: a file never lies in memory as a whole.
app.setup({ enableHttpStream: true })
