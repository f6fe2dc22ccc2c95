import { describe, expect, test } from 'vitest'
import { contract } from '../../src/http/contract.js'
import { READ, SENT } from '../../src/http/cors.js'
import { tusRows } from '../../src/http/tus/tusContract.js'
import { template, textOf } from './bicep.js'

const policy = textOf('infra/policies/cors.xml')
const gateway = textOf('infra/modules/apiManagement.bicep')

/** The texts of these elements within that one. */
const textsIn = (whole: string, element: string) => {
  const [part = ''] = new RegExp(`<${whole}[ >].*</${whole}>`, 's').exec(policy) ?? []
  return [...part.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text)
}

describe('the gateway', () => {
  test('lets pages call as the app does', () => {
    const methods = [...Object.values(contract), ...tusRows].map(({ method }) => method)

    expect(textsIn('allowed-methods', 'method').sort()).toEqual(
      [...new Set(methods)].filter((method) => method !== 'OPTIONS').sort(),
    )
    expect(textsIn('allowed-headers', 'header')).toEqual(SENT.split(', '))
    expect(textsIn('expose-headers', 'header')).toEqual(READ.split(', '))
  })

  // https://learn.microsoft.com/azure/api-management/cors-policy: where an operation has OPTIONS, the policy does not answer preflights.
  test('has no operation that is asked in its place whether a page may call', () => {
    const { paths } = JSON.parse(textOf('openapi.json')) as { paths: Record<string, object> }
    const asked = Object.entries(paths).filter(([, methods]) => 'options' in methods)
    const [, others = ''] = /operations@.*?for method in \[(.*?)\]/s.exec(gateway) ?? []

    expect(asked.map(([path]) => path)).toEqual(['/broker/api/v1/filetransfer/upload/tus'])
    expect(others.match(/\w+/g)?.sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'])
  })

  test('leaves nothing of it to the app', () => {
    const path = 'infra/modules/functionApp.bicep'
    const leftBy = (hasGateway: boolean) => template(path, { hasGateway }).get('leftToGateway')

    expect([leftBy(true), leftBy(false)]).toEqual([{ CORS_ORIGINS: '' }, {}])
    expect(textOf(path)).toContain('items(union(choices, settings, places, leftToGateway))')
  })
})
