import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { encryptionKeyView } from '../../http/views/encryptionKey.js'
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

app.http(
  'publishEncryptionKey',
  serve(contract.publishEncryptionKey, async ({ caller, params, body }) => {
    const published = await broker.publishEncryptionKey(caller, params.resourceId, body.publicKey ?? undefined)
    return published.ok ? ok({ json: encryptionKeyView(published.value) }) : published
  }),
)

app.http(
  'getEncryptionKeys',
  serve(contract.getEncryptionKeys, async ({ caller, params, body }) => {
    const found = await broker.getEncryptionKeys(caller, params.resourceId, body.organizations)
    return found.ok ? ok({ json: { keys: found.value.map(encryptionKeyView) } }) : found
  }),
)
