import { clientsOf } from './clients.js'
import { compose } from './compose.js'
import { readConfig } from './config.js'
import { contract } from './http/contract.js'

const config = readConfig(undefined, Object.keys(contract))

export const { admitStatistics, admitWebhook, broker, hostingEnvironment, serve, stop } = compose(
  config,
  clientsOf(config),
)
