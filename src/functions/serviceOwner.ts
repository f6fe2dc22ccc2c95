import { app } from '@azure/functions'
import { broker, serve } from '../app.js'
import { ok } from '../domain/result.js'
import { contract } from '../http/contract.js'

app.http(
  'registerServiceOwner',
  serve(contract.registerServiceOwner, async ({ caller, body }) => {
    const registered = await broker.registerServiceOwner(caller, body.name)
    return registered.ok ? ok({}) : registered
  }),
)
