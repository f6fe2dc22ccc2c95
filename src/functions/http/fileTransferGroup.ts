import { app } from '@azure/functions'
import { broker, serve } from '../../app.js'
import { err, ok } from '../../domain/result.js'
import { contract } from '../../http/contract/contract.js'
import { fileTransferGroup } from '../../http/views/lists.js'

app.http(
  'initializeFileTransferGroup',
  serve(contract.initializeFileTransferGroup, async ({ caller, body, headers }) => {
    const initialized = await broker.initializeFileTransferGroup(caller, body, headers['Idempotency-Key'])
    if (!initialized.ok) return initialized
    const { id: fileTransferGroupId, fileTransferIds } = initialized.value
    return ok({ json: { fileTransferGroupId, fileTransferIds } })
  }),
)

app.http(
  'getFileTransferGroup',
  serve(contract.getFileTransferGroup, async ({ caller, params }) => {
    const found = await broker.getFileTransferGroup(caller, params.fileTransferGroupId)
    return found.ok ? ok({ json: fileTransferGroup(found.value.group, found.value.viewer) }) : found
  }),
)

app.http(
  'confirmFileTransferGroup',
  serve(contract.confirmFileTransferGroup, async ({ caller, params }) => {
    const confirmed = await broker.confirmFileTransferGroup(caller, params.fileTransferGroupId)
    if (confirmed.ok) return ok({ json: fileTransferGroup(confirmed.value.group, confirmed.value.viewer) })
    const { reason } = confirmed
    if (typeof reason === 'string') return err(reason)
    const { problem, fileTransferId } = reason
    return err({ problem, members: { fileTransferId } })
  }),
)
