import { DefaultAzureCredential } from '@azure/identity'
import type { ReceiptSigner } from '../../usecases/ports/receipts.js'
import type { Request } from '../altinn/request.js'
import { keyVaultSigner } from './keyVaultSigner.js'
import { privateKeySigner } from './privateKeySigner.js'

// https://learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses
const SCOPE = 'https://vault.azure.net/.default'

/** What signs receipts by this key; undefined without one. */
export function receiptSigner(
  key: { address: string } | { jwk: string } | undefined,
  request: Request,
  now: () => Date,
): ReceiptSigner | undefined {
  if (key === undefined) return undefined
  if ('jwk' in key) return privateKeySigner(key.jwk)
  const credential = new DefaultAzureCredential()
  const token = async () => (await credential.getToken(SCOPE)).token
  return keyVaultSigner({ address: key.address, request, token, now })
}
