import { app } from '@azure/functions'
import { broker, serve } from '../app.js'
import { ok } from '../domain/result.js'
import { contract } from '../http/contract.js'

app.http(
  'getHealth',
  serve(contract.getHealth, async () => {
    const down = await broker.checkHealth()
    return ok(down.length === 0 ? { text: 'Broker is up.' } : { status: 503, text: `Down: ${down.join(', ')}.` })
  }),
)
