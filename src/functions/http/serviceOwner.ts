import { app } from '@azure/functions'
import { broker, hostingEnvironment, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { serviceOwnerView } from '../../http/views/views.js'

app.http(
  'registerServiceOwner',
  serve(contract.registerServiceOwner, async ({ caller, body }) => {
    const registered = await broker.registerServiceOwner(caller, body.name)
    return registered.ok ? ok({}) : registered
  }),
)

app.http(
  'getServiceOwner',
  serve(contract.getServiceOwner, async ({ caller }) => {
    const found = await broker.getServiceOwner(caller)
    return found.ok ? ok({ json: serviceOwnerView(found.value, hostingEnvironment) }) : found
  }),
)
