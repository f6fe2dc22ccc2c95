import { app } from '@azure/functions'
import { refuse } from '../app.js'
import { contract } from '../http/contract.js'
import { refusingFunctions } from '../http/refusedMethods.js'
import { tusRows } from '../http/tus/tusContract.js'

for (const refusing of refusingFunctions([...Object.values(contract), ...tusRows])) {
  app.http(refusing.name, refuse(refusing))
}
