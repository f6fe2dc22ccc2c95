import { resolve } from 'node:path'
import { claimsOf, organizationIn } from '../../calls/tokens.js'
import type { Command } from '../command.js'
import { connect } from '../connect.js'
import { textIn, type Values } from '../options.js'
import { isLocal } from '../optionValues.js'
import { configFileOf, readFileOf, type SettingName, type Settings, writeSettings } from '../settings.js'

/** Options that are settings, too. */
const SETTINGS: Record<string, SettingName> = {
  environment: 'environment',
  url: 'url',
  'client-id': 'clientId',
  'key-file': 'keyFile',
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
  options: {
    environment: { type: 'string', value: 'NAME', about: 'production or test', choices: ['production', 'test'] },
    'client-id': { type: 'string', value: 'ID', about: 'the client at Maskinporten' },
    'key-file': { type: 'string', value: 'FILE', about: 'its private key, a JWK', isFile: true },
    scope: { type: 'string', value: 'SCOPES', about: 'scopes to ask for, parted by spaces' },
    'system-user': { type: 'string', value: 'ORG', about: 'act as the system user of this organisation' },
    'subscription-key': { type: 'string', value: 'KEY', about: 'the key for the API gateway' },
    resource: { type: 'string', value: 'ID', about: 'the resource that is meant when none is named' },
    'platform-url': { type: 'string', value: 'URL', about: "Altinn's platform, if it is neither" },
    'maskinporten-url': { type: 'string', value: 'URL', about: "Maskinporten's metadata, if it is neither" },
  },
  async run({ values, settings, output, connect: connectAsTold, ...run }) {
    const told = settingsIn(values)
    const isOfLocal = isLocal({ ...run, values })
    const { token } = isOfLocal ? await connectAsTold() : await connect({ ...settings, ...told })
    const text = await token()
    const { scope = '', exp } = claimsOf(text) as { scope?: string; exp?: number }
    const expires = exp === undefined ? undefined : new Date(exp * 1000).toISOString()
    const organization = organizationIn(text)
    const file = textIn(values, 'config') ?? configFileOf(process.env)
    // What the environment tells is not kept: it may be a secret.
    const isKept = !isOfLocal && Object.keys(told).length > 0
    if (isKept) await writeSettings(file, { ...(await readFileOf(file, false)), ...told })
    output.result(
      { organization, scope, expires, ...(isKept && { file }) },
      `You are ${organization ?? 'unknown'}, with ${scope || 'no scope'}; this token holds until ${expires ?? 'unknown'}`,
      ...(isKept ? [`kept in ${file}`] : []),
    )
  },
}

function settingsIn(values: Values): Settings {
  const told = Object.entries(SETTINGS).flatMap(([option, name]) => {
    const value = textIn(values, option)
    if (value === undefined) return []
    return [[name, name === 'keyFile' ? resolve(value) : value]]
  })
  return Object.fromEntries(told)
}
