import { resolve } from 'node:path'
import { claimsOf, organizationIn } from '../../calls/tokens.js'
import type { Command } from '../command.js'
import { connect } from '../connect.js'
import { textIn, type Values } from '../options.js'
import { isLocal } from '../optionValues.js'
import { configFileOf, readFileOf, type SettingName, type Settings, writeSettings } from '../settings.js'

/** The settings that options give. */
const SETTINGS: Record<string, SettingName> = {
  environment: 'environment',
  url: 'url',
  'client-id': 'clientId',
  'key-file': 'keyFile',
  kid: 'kid',
  scope: 'scope',
  'system-user': 'systemUser',
  'subscription-key': 'subscriptionKey',
  resource: 'resource',
  'platform-url': 'platformUrl',
  'maskinporten-url': 'maskinportenUrl',
}

export const login: Command = {
  about: 'gets a token as it is told, tells who that is, and keeps the settings for the other commands',
  takes: { called: '', atLeast: 0, atMost: 0 },
  role: 'sender',
  examples: [
    '--environment test --client-id 0f1c0f9e-0000-4000-8000-000000000000 --key-file key.jwk --resource my-resource',
    '--environment production --client-id 0f1c0f9e-0000-4000-8000-000000000000 --key-file key.pem --kid my-key',
    '--system-user 986252932',
  ],
  options: {
    environment: { type: 'string', value: 'NAME', about: 'production or test', choices: ['production', 'test'] },
    'client-id': { type: 'string', value: 'ID', about: 'the client at Maskinporten' },
    'key-file': { type: 'string', value: 'FILE', about: 'its private key: a JWK, or PEM', isFile: true },
    kid: { type: 'string', value: 'ID', about: 'the id of the key at Maskinporten, for a key in PEM' },
    scope: { type: 'string', value: 'SCOPES', about: 'scopes to ask for, parted by spaces' },
    'system-user': { type: 'string', value: 'ORG', about: 'act as the system user of this organisation' },
    'subscription-key': { type: 'string', value: 'KEY', about: 'the key for the API gateway' },
    resource: { type: 'string', value: 'ID', about: 'the resource that is meant when none is named' },
    'platform-url': { type: 'string', value: 'URL', about: "Altinn's platform, if it is neither" },
    'maskinporten-url': { type: 'string', value: 'URL', about: "Maskinporten's metadata, if it is neither" },
  },
  async run({ values, settings, output, connect: connectLocally, ...run }) {
    const chosen = settingsIn(values)
    const isForLocal = isLocal({ ...run, values })
    const earlier: Settings = { ...settings, ...(chosen.keyFile && { kid: '' }) }
    const { token } = isForLocal ? await connectLocally() : await connect({ ...earlier, ...chosen })
    const text = await token()
    const { scope = '', exp } = claimsOf(text) as { scope?: string; exp?: number }
    const expires = exp === undefined ? undefined : new Date(exp * 1000).toISOString()
    const organization = organizationIn(text)
    const file = textIn(values, 'config') ?? configFileOf(process.env)
    // Settings of the environment are not stored: they may be secrets.
    const isStored = !isForLocal && Object.keys(chosen).length > 0
    if (isStored) await writeSettings(file, settingsToStore(await readFileOf(file, false), chosen))
    output.result(
      { organization, scope, expires, ...(isStored && { file }) },
      `You are ${organization ?? 'unknown'}, with ${scope || 'no scope'}; this token holds until ${expires ?? 'unknown'}`,
      ...(isStored ? [`kept in ${file}`] : []),
    )
  },
}

/** The id of an earlier key is not that of this one. */
function settingsToStore({ kid, ...earlier }: Settings, chosen: Settings): Settings {
  return { ...earlier, ...(kid && !chosen.keyFile && { kid }), ...chosen }
}

function settingsIn(values: Values): Settings {
  const chosen = Object.entries(SETTINGS).flatMap(([option, name]) => {
    const value = textIn(values, option)
    if (value === undefined) return []
    return [[name, name === 'keyFile' ? resolve(value) : value]]
  })
  return Object.fromEntries(chosen)
}
