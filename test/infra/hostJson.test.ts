import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const hostJson = JSON.parse(readFileSync(new URL('../../host.json', import.meta.url), 'utf8'))

describe('host.json', () => {
  test('sets no time-out for functions: at one the host restarts the worker, which cuts every transfer of the instance', () => {
    expect(hostJson.functionTimeout).toBe('-1')
  })
})
