import { followTraces } from './adapters/tracing.js'
import { clientsOf } from './clients.js'
import { compose } from './compose.js'
import { readConfig } from './config.js'
import { contract } from './http/contract.js'

const config = readConfig(undefined, Object.keys(contract))

followTraces()

export const { admitStatistics, admitWebhook, broker, hostingEnvironment, inSpan, serve, stop } = compose(
  config,
  clientsOf(config),
)
