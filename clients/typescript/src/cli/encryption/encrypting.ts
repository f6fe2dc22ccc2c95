import type { Encryption } from '../../encryption/encrypt.js'
import { isPublicKey } from '../../encryption/keys.js'
import { folderCiphertextStore } from '../../node.js'
import { organizationNumber } from '../../wire/organization.js'
import type { EncryptionKey } from '../../wire/types.js'
import { UsageError } from '../errors.js'
import type { Values } from '../options.js'
import type { Output } from '../output.js'
import { stateFolderOf } from '../settings.js'

const SHOWN = 5

/** What `--encrypt` and `--trust-key` ask for; undefined without them. The keys are shown once. @throws UsageError */
export function encryptionIn(values: Values, output: Output): Encryption | undefined {
  const trustedKeys = [values['trust-key'] ?? []].flat().map(String)
  if (!trustedKeys.every(isPublicKey))
    throw new UsageError('--trust-key is the public key of a recipient, age1 and 58 characters')
  if (!values.encrypt && trustedKeys.length > 0) throw new UsageError('--trust-key goes with --encrypt')
  if (!values.encrypt) return undefined
  let areShown = false
  return {
    store: folderCiphertextStore(stateFolderOf(process.env)),
    trustedKeys: trustedKeys.length > 0 ? trustedKeys : undefined,
    onKeys(keys) {
      if (!areShown) for (const line of keyLines(keys)) output.say(line)
      areShown = true
    },
  }
}

const keyLines = (keys: EncryptionKey[]) => [
  ...keys
    .slice(0, SHOWN)
    .map(({ organization, publicKey }) => `encrypted for ${organizationNumber(organization)} by ${publicKey}`),
  ...(keys.length > SHOWN ? [`and for ${keys.length - SHOWN} more: altinn-broker key ORG shows theirs`] : []),
]

/** The encryption, which shows its progress. */
export function withMeter(encryption: Encryption, output: Output): Encryption {
  const meters = new Map<string, ReturnType<Output['meter']>>()
  return {
    ...encryption,
    onProgress({ fileName, encryptedBytes, totalBytes }) {
      const meter = meters.get(fileName) ?? output.meter(`${fileName}, encrypting`)
      meters.set(fileName, meter)
      meter.show(encryptedBytes, totalBytes)
      if (encryptedBytes === totalBytes) meter.end()
    },
  }
}
