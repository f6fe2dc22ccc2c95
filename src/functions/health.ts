import { app } from '@azure/functions'
import { broker, serve } from '../app.js'
import { ok } from '../domain/result.js'
import { contract } from '../http/contract.js'

app.http(
  'getHealth',
  serve(contract.getHealth, async () => {
    const down = await broker.checkHealth()
    if (down.length === 0) return ok({ text: 'Broker is up.' })
    return ok({ status: 503, text: `Down: ${down.join(', ')}.`, headers: { 'retry-after': '5' } })
  }),
)
