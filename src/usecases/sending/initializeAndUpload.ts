import type { InitializeRequest } from '../../domain/fileTransfer/initialize.js'
import { err } from '../../domain/result.js'
import type { Caller } from '../ports/access.js'
import { initializeFileTransfer } from './initializeFileTransfer.js'
import { type Upload, uploadFile } from './uploadFile.js'

type Deps = Parameters<typeof initializeFileTransfer>[0] & Parameters<typeof uploadFile>[0]

/**
 * Initializes a transfer and uploads its file in one request. When only the first succeeds, the refusal or the error
 * names the transfer, so that the file can be sent again.
 */
export const initializeAndUpload = (deps: Deps) => {
  const initialize = initializeFileTransfer(deps)
  const upload = uploadFile(deps)
  return async (caller: Caller, request: InitializeRequest, file: Upload, idempotencyKey?: string) => {
    const initialized = await initialize(caller, request, idempotencyKey)
    if (!initialized.ok) return initialized
    const fileTransferId = initialized.value
    const uploaded = await upload(caller, fileTransferId, file).catch((cause: unknown) => {
      throw Object.assign(new Error('An upload failed after its initialize.', { cause }), { fileTransferId })
    })
    return uploaded.ok ? uploaded : err({ problem: uploaded.reason, fileTransferId })
  }
}
