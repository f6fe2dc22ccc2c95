import { app } from '@azure/functions'
import { refuse } from '../../app.js'
import { contract } from '../../http/contract/contract.js'
import { tusRows } from '../../http/contract/tusContract.js'
import { refusingFunctions } from '../../http/serving/refusedMethods.js'

for (const refusing of refusingFunctions([...Object.values(contract), ...tusRows])) {
  app.http(refusing.name, refuse(refusing))
}
