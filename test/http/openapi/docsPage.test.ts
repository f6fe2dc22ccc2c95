import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ok } from '../../../src/domain/result.js'
import { contract } from '../../../src/http/contract/contract.js'
import { docsPage, docsScript, docsStyle } from '../../../src/http/openapi/docsPage.js'
import { serveWith } from '../../../src/http/serving/serve.js'
import { answerOf } from '../../support/builders.js'

const serve = serveWith({ verify: async () => ({ refused: 'Nobody is asked.' }), log: () => {} })

describe('the page of the documentation', () => {
  const page = String(docsPage.text)
  const policy = docsPage.headers?.['content-security-policy'] ?? ''

  test('takes nothing from elsewhere', () => {
    const addresses = [...page.matchAll(/(?:src|href|url)[=:] ?["']([^"']+)/g)].map(([, address]) => address)

    expect(addresses).toEqual([
      'data:,',
      ...[contract.getDocsStyle, contract.getDocsScript, contract.getOpenApi].map(({ path }) => `/${path}`),
    ])
  })

  test('lets no other script run in it than its own', () => {
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? ''
    const hash = createHash('sha256').update(script).digest('base64')

    expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`)
  })

  test.each([
    ['text/javascript', contract.getDocsScript, docsScript, 'SwaggerUIBundle'],
    ['text/css', contract.getDocsStyle, docsStyle, '.swagger-ui'],
  ])('has its %s from here, whole and kept for a day', async (mediaType, row, file, contained) => {
    const answer = await answerOf(serve(row, async () => ok(await file())))

    expect(answer.headers.get('content-type')).toBe(`${mediaType}; charset=utf-8`)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=86400')
    expect(answer.headers.get('content-length')).toBe(String(Buffer.byteLength(answer.text)))
    expect(answer.text).toContain(contained)
  })
})
