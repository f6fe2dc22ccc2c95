import { app } from '@azure/functions'
import { contract } from '../http/contract.js'
import { refusingFunctions } from '../http/refusedMethods.js'
import { SECURITY_HEADERS } from '../http/serve.js'
import { tusRows } from '../http/tus/tusContract.js'

// Nothing is asked of a request with a wrong method: it is refused before its token is looked at.
for (const { name, route, methods, allow } of refusingFunctions([...Object.values(contract), ...tusRows])) {
  app.http(name, {
    methods,
    route,
    authLevel: 'anonymous',
    handler: async () => ({ status: 405, headers: { ...SECURITY_HEADERS, allow } }),
  })
}
