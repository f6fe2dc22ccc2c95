import { app } from '@azure/functions'
import { refuse } from '../../app.js'
import { routes } from '../../http/contract/contract.js'
import { refusingFunctions } from '../../http/serving/refusedMethods.js'

for (const refusing of refusingFunctions(routes)) {
  app.http(refusing.name, refuse(refusing))
}
