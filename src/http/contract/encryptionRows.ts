import { JSON_BODY, type Operation } from './operation.js'
import { encryptionKeyChange, organizationsWithKeys } from './requests/encryptionRequests.js'
import { ofResource } from './requests/requests.js'
import { encryptionKey, encryptionKeys } from './responses/encryptionResponses.js'
import { READ, WRITE } from './scopes.js'

/** The keys that files are encrypted for, end to end. */
export const encryptionRows = {
  publishEncryptionKey: {
    summary: 'Publishes the key that senders encrypt files for the caller’s organisation with, or withdraws it',
    description:
      'A public key of age (X25519), for this resource. It replaces the one before: keep the private key of that one until its files have been received. Null withdraws it.',
    method: 'PUT',
    path: 'broker/api/v1/resource/{resourceId}/encryptionkey',
    scopes: [READ],
    params: ofResource,
    body: { schema: encryptionKeyChange, parameter: 'encryptionKey', demanded: 'publicKey' },
    produces: JSON_BODY,
    success: { status: 200, json: encryptionKey },
    problems: ['NoAccessToResource'],
  },
  getEncryptionKeys: {
    summary: 'Gives the keys to encrypt files with, by recipient',
    description:
      'Encrypt a file for all its recipients with age, and initialize it with `encryption`. Broker stores the keys and cannot prove whose they are: compare them where that matters.',
    method: 'POST',
    path: 'broker/api/v1/resource/{resourceId}/encryptionkeys',
    scopes: [WRITE, READ],
    params: ofResource,
    body: { schema: organizationsWithKeys, parameter: 'organizations' },
    produces: JSON_BODY,
    success: { status: 200, json: encryptionKeys },
    problems: ['NoAccessToResource'],
  },
} as const satisfies Record<string, Operation>
