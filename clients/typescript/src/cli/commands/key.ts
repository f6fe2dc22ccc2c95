import { publicKeyOf } from '../../encryption/keys.js'
import { organizationNumber } from '../../wire/organization.js'
import type { EncryptionKey } from '../../wire/types.js'
import type { Command, Run } from '../command.js'
import { setUpLocally } from '../connect.js'
import { addPrivateKey, identityFileOf, identityOption, privateKeysOf } from '../encryption/keyRing.js'
import { UsageError } from '../errors.js'
import { isLocal, resourceIn } from '../optionValues.js'
import { organizationOf } from '../sending/recipients.js'
import { timeText } from '../times.js'

export const key: Command = {
  about: 'shows the public keys that files are encrypted for, or makes and publishes your own',
  takes: { called: '[ORG...]', atLeast: 0, atMost: Number.POSITIVE_INFINITY },
  role: 'recipient',
  examples: [
    '986252932 910753614',
    '--identity broker-keys.txt --new --publish',
    '--identity broker-keys.txt --publish --resource my-resource',
    '--withdraw',
  ],
  options: {
    identity: identityOption('the file of your private keys; none of them leaves it'),
    new: { type: 'boolean', about: 'add a new private key to the file, which is made where there is none' },
    publish: { type: 'boolean', about: 'publish the public key of the newest private key, in place of an earlier one' },
    withdraw: { type: 'boolean', about: 'publish none any more' },
    resource: { type: 'string', value: 'ID', about: 'the resource that the files come by' },
  },
  async run(run) {
    const { names, values, output, signal } = run
    const hasNew = values.new === true
    const isChange = hasNew || values.publish === true
    if (values.withdraw && isChange) throw new UsageError('--withdraw stands alone, without --new and --publish')
    if ((values.withdraw || isChange) && names.length > 0)
      throw new UsageError('Your own key is that of the token: name no organisation')
    const file = isChange ? requiredFile(run) : ''
    if (hasNew) {
      const publicKey = await addPrivateKey(file)
      output.say(`The new private key is in ${file}. Keep it safe: without it you can read none of the files.`)
      if (!values.publish) return output.result({ publicKey }, publicKey)
    }

    const organizations = names.map((name) => organizationOf('ORG', name))
    const resourceId = resourceIn(run)
    const publicKey = values.publish ? await newestKey(file) : null
    if (isLocal(run)) await setUpLocally(process.env, resourceId)
    const { broker, organization } = await run.connect()
    if (values.publish || values.withdraw) {
      const now = await broker.publishEncryptionKey(resourceId, publicKey, { signal })
      return output.result(now, lineOf(now))
    }
    if (organizations.length === 0 && organization !== undefined) organizations.push(organization)
    if (organizations.length === 0) throw new UsageError('Whose key? The token does not tell: give ORG')
    for (const each of await broker.getEncryptionKeys(resourceId, organizations, { signal }))
      output.result(each, lineOf(each))
  },
}

const newestKey = async (file: string) => publicKeyOf((await privateKeysOf(file)).at(-1) ?? '')

function requiredFile(run: Run): string {
  const file = identityFileOf(run)
  if (file === undefined) throw new UsageError('In which file are your private keys? Give --identity FILE')
  return file
}

const lineOf = ({ organization, publicKey, published }: EncryptionKey) =>
  `${organizationNumber(organization)}  ${publicKey ?? 'no key'}${published ? `  since ${timeText(published)}` : ''}`
