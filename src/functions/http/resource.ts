import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { resourceView } from '../../http/views/views.js'

app.http(
  'configureResource',
  serve(contract.configureResource, async ({ caller, params, body }) => {
    const configured = await broker.configureResource(caller, params.resourceId, body)
    return configured.ok ? ok({}) : configured
  }),
)

app.http(
  'getResource',
  serve(contract.getResource, async ({ caller, params }) => {
    const found = await broker.getResource(caller, params.resourceId)
    return found.ok ? ok({ json: resourceView(found.value) }) : found
  }),
)
