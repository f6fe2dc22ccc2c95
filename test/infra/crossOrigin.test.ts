import { describe, expect, test } from 'vitest'
import { routes } from '../../src/http/contract/contract.js'
import { READ, SENT } from '../../src/http/gate/cors.js'
import { policyOf } from './gatewayPolicy.js'
import { onlyOf, settingsOf } from './snapshot.js'

const { cors } = policyOf('infra/policies/cors.xml')

describe('the gateway', () => {
  test('lets pages call as the app does', () => {
    const methods = routes.map(({ method }) => method)

    expect(cors['allowed-methods'].method.toSorted()).toEqual(
      [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort(),
    )
    expect(cors['allowed-headers'].header).toEqual(SENT.split(', '))
    expect(cors['expose-headers'].header).toEqual(READ.split(', '))
  })

  // https://learn.microsoft.com/azure/api-management/cors-policy:
  // where an operation has OPTIONS, the policy does not answer preflights.
  test.each(['test', 'prod'] as const)(
    'has no operation that is asked in its place whether a page may call: %s',
    (environment) => {
      const { value } = onlyOf(environment, 'Microsoft.ApiManagement/service/apis').properties
      const { paths } = JSON.parse(String(value)) as { paths: Record<string, object> }
      const asked = Object.entries(paths).filter(([, methods]) => 'options' in methods)

      expect(asked.map(([path]) => path)).toEqual(['/broker/api/v1/filetransfer/upload/tus'])
    },
  )

  test('leaves nothing of it to the app', () => {
    for (const environment of ['test', 'prod'] as const) expect(settingsOf(environment).CORS_ORIGINS).toBe('')
  })
})
