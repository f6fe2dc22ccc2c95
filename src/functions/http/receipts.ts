import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'

/** A new key is read by verifiers who ask again when they do not know one; others may keep what they have read. */
const KEYS_ARE_FRESH = 'public, max-age=3600'

app.http(
  'getReceipt',
  serve(contract.getReceipt, async ({ caller, params }) => {
    const given = await broker.getReceipt(caller, params.fileTransferId)
    return given.ok ? ok({ json: given.value }) : given
  }),
)

app.http(
  'getReceiptKeys',
  serve(contract.getReceiptKeys, async () =>
    ok({ json: { keys: await broker.getReceiptKeys() }, headers: { 'cache-control': KEYS_ARE_FRESH } }),
  ),
)
