import { describe, expect, test } from 'vitest'
import { readConfig, settingNames } from '../../src/config.js'
import { contract } from '../../src/http/contract/contract.js'
import { gatewayLimits, OTHER_LIMIT, TUS_LIMIT } from './gatewayPolicy.js'
import { ENVIRONMENTS, isLater, settingsOf, textOf } from './snapshot.js'

type Settings = Record<string, string>

const operations = Object.keys(contract)

/** The ways to reach a service, each by a connection string and by an address, as the app itself names them. */
const places = (() => {
  const withDefault = { byText: 'Backups', byAddress: 'Backups__blobServiceUri' }
  try {
    readConfig({})
    return []
  } catch (error) {
    const needed = [...String(error).matchAll(/(\w+) or (\w+__\w+)/g)].map(([, byText = '', byAddress = '']) => ({
      byText,
      byAddress,
    }))
    return [...needed, withDefault]
  }
})()

/** What belongs to the Functions host, to Node and to the libraries in Azure. */
const OF_THE_HOST = [
  'AZURE_CLIENT_ID',
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'ServiceBus__credential',
  'ServiceBus__clientId',
  'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
  'NODE_OPTIONS',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
]

const KNOWN_LATER = 'https://known-later.example/'

/** The settings as the app may find them: what is known only in Azure is an address there. */
const deployed = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, isLater(value) ? KNOWN_LATER : value]))

/** The operation of the app that answers an operation of the gateway: its functions of TUS answer all methods. */
function limitedAs(name: string): string {
  if (name === 'tusOptions') return 'tusUploads'
  if (name.startsWith('tusPart')) return 'tusPart'
  return name.startsWith('tus') ? 'tusUpload' : name
}

const sample = (): Settings => JSON.parse(textOf('local.settings.sample.json')).Values

describe.each(ENVIRONMENTS)('the settings of %s', (environment) => {
  test('are those that the app reads, and those of its host', () => {
    const expected = [...settingNames, ...places.map(({ byAddress }) => byAddress), ...OF_THE_HOST]

    expect(Object.keys(settingsOf(environment)).sort()).toEqual(expected.sort())
  })

  test('are taken by the app', () => {
    const config = readConfig(deployed(settingsOf(environment)), operations)

    expect(config.azureMonitor?.isByIdentity).toBe(true)
    expect(config.webhook.secretHash).toBe('0'.repeat(64))
  })

  test('refer to the vault for what is secret', () => {
    const { MASKINPORTEN_JWK, ALTINN_SUBSCRIPTION_KEY } = settingsOf(environment)

    expect(MASKINPORTEN_JWK).toMatch(/@Microsoft\.KeyVault\(SecretUri=\{0\}secrets\/maskinporten-jwk\)/)
    expect(ALTINN_SUBSCRIPTION_KEY).toMatch(/@Microsoft\.KeyVault\(SecretUri=\{0\}secrets\/altinn-subscription-key\)/)
  })
})

describe('the choices in the template', () => {
  /** Where an environment differs from what the app takes by itself, on purpose. */
  const CHOSEN = ['webhook', 'rateLimits', 'environment', 'receiptKey']

  test('are what the app takes by itself, but for the limits and the webhook, which a gateway and the queue stand in for', () => {
    const given = deployed(settingsOf('test'))
    const asked = /(ALTINN|TOKEN_ISSUERS|MASKINPORTEN|APPLICATIONINSIGHTS|__|HOSTING)/
    const least = Object.fromEntries(Object.entries(given).filter(([name]) => asked.test(name)))
    const without = (config: object) => Object.entries(config).filter(([name]) => !CHOSEN.includes(name))

    expect(without(readConfig(given, operations))).toEqual(without(readConfig(least, operations)))
  })

  test('limit the calls of every operation where there is no gateway', () => {
    const { rateLimits } = readConfig(deployed(settingsOf('dev')), operations)

    expect(Object.keys(rateLimits).sort()).toEqual(operations.sort())
    expect(rateLimits).toMatchObject({ getFileTransferDetails: 15, searchFileTransfers: 10, uploadFile: 120 })
    for (const environment of ['test', 'prod'] as const) expect(settingsOf(environment).RATE_LIMITS).toBe('')
  })

  test('limit calls as the gateway does, which distinguishes TUS by method, and knows what is published', () => {
    const { rateLimits } = readConfig(deployed(settingsOf('dev')), operations)
    const published = Object.values(JSON.parse(textOf('openapi.json')).paths as Record<string, object>)
      .flatMap((path) => Object.values(path) as { operationId?: string }[])
      .flatMap(({ operationId }) => operationId ?? [])
    const limited = gatewayLimits()

    // An import turns ids to lower case, and a policy compares them as they are written.
    expect([...limited.keys()].sort()).toEqual(published.map((id) => id.toLowerCase()).sort())
    for (const id of published) {
      expect([id, limited.get(id.toLowerCase())]).toEqual([id, rateLimits[limitedAs(id)]])
    }
    expect(TUS_LIMIT).toBe(rateLimits.tusPartLegacy)
    expect(OTHER_LIMIT).toBe(120)
  })
})

describe('the sample', () => {
  test('has every setting, and no other', () => {
    const host = [
      'FUNCTIONS_WORKER_RUNTIME',
      'AzureWebJobsStorage',
      'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
      'NODE_OPTIONS',
    ]

    expect(Object.keys(sample()).sort()).toEqual(
      [...settingNames, ...places.map(({ byText }) => byText), ...host].sort(),
    )
  })

  test('lets the worker take all headers that its host lets in, which are 32 KB', () => {
    expect(sample().NODE_OPTIONS).toBe('--max-http-header-size=65536')
  })
})
