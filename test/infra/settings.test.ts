import { describe, expect, test } from 'vitest'
import { readConfig, settingNames } from '../../src/config.js'
import { contract } from '../../src/http/contract.js'
import { tusContract } from '../../src/http/tus/tusContract.js'
import { LATER, template, textOf } from './bicep.js'

type Settings = Record<string, string>

const operations = Object.keys({ ...contract, ...tusContract })
const ENVIRONMENTS = ['dev', 'test', 'prod']

/** The ways to reach a service, each by a connection string and by an address, as the app itself names them. */
const places = (() => {
  try {
    readConfig({})
    return []
  } catch (error) {
    return [...String(error).matchAll(/(\w+) or (\w+__\w+)/g)].map(([, byText = '', byAddress = '']) => ({
      byText,
      byAddress,
    }))
  }
})()

/** What belongs to the Functions host and the libraries in Azure. */
const OF_THE_HOST = [
  'AZURE_CLIENT_ID',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'ServiceBus__credential',
  'ServiceBus__clientId',
  'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
]

/** The settings of an environment, as far as they are known before it is deployed. */
function settingsOf(environment: string): Settings {
  const parameters = template(`infra/environments/${environment}.bicepparam`)
  const hasGateway = typeof parameters.get('gatewayTier') === 'string' && parameters.get('gatewayTier') !== LATER
  const app = template('infra/modules/functionApp.bicep', { hasGateway })
  return { ...record(app.get('choices')), ...record(parameters.get('settings')), ...record(app.get('places')) }
}

/** The operation of the app that answers an operation of the gateway: its functions of TUS answer all methods. */
function limitedAs(name: string): string {
  if (name === 'tusOptions') return 'tusUploads'
  if (name.startsWith('tusPart')) return 'tusPart'
  return name.startsWith('tus') ? 'tusUpload' : name
}

const record = (value: unknown) => value as Settings
const sample = (): Settings => JSON.parse(textOf('local.settings.sample.json')).Values

describe.each(ENVIRONMENTS)('the settings of %s', (environment) => {
  test('are those that the app reads, and those of its host', () => {
    const expected = [...settingNames, ...places.map(({ byAddress }) => byAddress), ...OF_THE_HOST]

    expect(Object.keys(settingsOf(environment)).sort()).toEqual(expected.sort())
  })

  test('are taken by the app', () => {
    const config = readConfig(settingsOf(environment), operations)

    expect(config.azureMonitor?.isByIdentity).toBe(true)
    expect(config.webhook.secretHash).toBe('0'.repeat(64))
  })

  test('refer to the vault for what is secret', () => {
    const app = textOf('infra/modules/functionApp.bicep')

    expect(settingsOf(environment).MASKINPORTEN_JWK).toMatch(
      /^@Microsoft\.KeyVault\(SecretUri=.*secrets\/maskinporten-jwk\)$/,
    )
    expect(app).toMatch(/\? '@Microsoft\.KeyVault\(SecretUri=[^']*secrets\/altinn-subscription-key\)'\s*: ''/)
  })
})

describe('the choices in the template', () => {
  test('are what the app takes by itself, but for the limits and the webhook, which a gateway and the queue stand in for', () => {
    const { ALTINN_PLATFORM_URL, TOKEN_ISSUERS, MASKINPORTEN_METADATA_URL, MASKINPORTEN_CLIENT_ID } = settingsOf('dev')
    const needed = { ...settingsOf('dev'), ...record(template('infra/modules/functionApp.bicep').get('places')) }
    const chosen = record(
      template('infra/modules/functionApp.bicep', { hasGateway: true, isStorageReachable: true }).get('choices'),
    )
    const least = Object.fromEntries(Object.entries(needed).filter(([name]) => !(name in chosen)))
    const always = { ALTINN_PLATFORM_URL, TOKEN_ISSUERS, MASKINPORTEN_METADATA_URL, MASKINPORTEN_CLIENT_ID }

    const { webhook, ...others } = readConfig({ ...least, ...chosen, ...always }, operations)

    expect(others).toEqual({ ...readConfig({ ...least, ...always }, operations), webhook: undefined })
    expect(webhook.entra).toBeUndefined()
  })

  test('limit the calls of every operation', () => {
    const { rateLimits } = readConfig(settingsOf('dev'), operations)

    expect(Object.keys(rateLimits).sort()).toEqual(operations.sort())
    expect(rateLimits).toMatchObject({ getFileTransferDetails: 15, searchFileTransfers: 10, uploadFile: 120 })
  })

  test('limit calls as the gateway does, which tells TUS apart by method, and knows what is published', () => {
    const { rateLimits } = readConfig(settingsOf('dev'), operations)
    const policy = textOf('infra/policies/api.xml')
    const byGateway = [
      ...policy.matchAll(/<when condition="@\(([^<]*)\)">\s*<rate-limit-by-key calls="(\d+)" renewal-period="60"/g),
    ].flatMap(([, condition = '', calls]) =>
      [...condition.matchAll(/&quot;(\w+)&quot;/g)].map(([, name = '']): [string, number] => [name, Number(calls)]),
    )
    const published = Object.values(JSON.parse(textOf('openapi.json')).paths as Record<string, object>)
      .flatMap((path) => Object.values(path) as { operationId?: string }[])
      .flatMap(({ operationId }) => operationId ?? [])

    expect(byGateway.map(([name]) => name).sort()).toEqual(published.sort())
    for (const [name, calls] of byGateway) expect([name, calls]).toEqual([name, rateLimits[limitedAs(name)]])
    expect(policy).toMatch(/<otherwise>\s*<rate-limit-by-key calls="6000" renewal-period="60"/)
    expect(rateLimits.tusPartLegacy).toBe(6000)
  })

  test('let in as much at once as the gateway, where there is none', () => {
    const { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT } = settingsOf('dev')

    expect(textOf('infra/policies/api.xml')).toContain(`length &gt; ${FUNCTIONS_REQUEST_BODY_SIZE_LIMIT};`)
  })
})

describe('the sample', () => {
  test('has every setting, and no other', () => {
    const host = [
      ...['FUNCTIONS_WORKER_RUNTIME', 'AzureWebJobsStorage', 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT'],
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
