import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { build } from '../../lib/version.js'

app.http(
  'getHealth',
  serve(contract.getHealth, async () => {
    const down = await broker.checkHealth()
    const headers = { 'x-broker-version': build }
    if (down.length === 0) return ok({ text: 'Broker is up.', headers })
    return ok({ status: 503, text: `Down: ${down.join(', ')}.`, headers: { ...headers, 'retry-after': '5' } })
  }),
)
