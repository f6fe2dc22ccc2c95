import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountOf, limitPassed, planOf, sum } from '../../bench/load/plan.js'
import { tokensFrom } from '../../bench/load/tokens.js'

describe('the plan of a load', () => {
  test('is an hour with limits, unless it is said otherwise', () => {
    expect(planOf([])).toMatchObject({
      minutes: 60,
      rate: 0.5,
      most: { transfers: 2000, bytes: 30 * 2 ** 30, dollars: 10 },
    })
    expect(planOf(['--sizes', '1B,2KiB,3MiB,4GiB']).sizes).toEqual([1, 2048, 3 * 2 ** 20, 4 * 2 ** 30])
  })

  test.each([
    ['--minutes', '0'],
    ['--rate', 'fast'],
    ['--rate', 'Infinity'],
    ['--max-transfers', '-1'],
    ['--max-gib', ''],
    ['--max-dollars', 'none'],
    ['--concurrency', 'NaN'],
    ['--sizes', '10'],
    ['--sizes', '1MiB,'],
    ['--speed', '1'],
  ])('is refused with %s %s', (name, value) => {
    expect(() => planOf([`${name}=${value}`])).toThrow(name)
  })

  test('passes a limit as soon as any amount does', () => {
    const amount = fc.record({ transfers: fc.nat(9), bytes: fc.nat(9), dollars: fc.nat(9) })

    fc.assert(
      fc.property(amount, amount, (begun, most) => {
        const isWithin = begun.transfers <= most.transfers && begun.bytes <= most.bytes && begun.dollars <= most.dollars
        expect(limitPassed(begun, most) === undefined).toBe(isWithin)
      }),
    )
  })

  test('counts the bytes both ways, and what they cost', () => {
    const one = amountOf(2 ** 30, 2)

    expect(one).toMatchObject({ transfers: 1, bytes: 3 * 2 ** 30 })
    expect(sum(one, one).dollars).toBeCloseTo(2 * one.dollars)
    expect(one.dollars).toBeGreaterThan(amountOf(2 ** 30, 1).dollars)
  })
})

describe('tokens for a load', () => {
  test('come from a command, which knows the organisation and the scope', async () => {
    const tokens = tokensFrom({ LOAD_TOKEN_COMMAND: 'echo e30.e30.$ORG-$(echo $SCOPE | tr : - | tr . -)' })

    expect(await tokens('123456789', 'altinn:broker.read')()).toBe('e30.e30.123456789-altinn-broker-read')
  })

  test.each([
    ['exit 1 # secret', 'LOAD_TOKEN_COMMAND fails.'],
    ['echo no token', 'LOAD_TOKEN_COMMAND prints no token.'],
  ])('are refused without saying the command: %s', async (LOAD_TOKEN_COMMAND, sentence) => {
    await expect(tokensFrom({ LOAD_TOKEN_COMMAND })('123456789', 'altinn:broker.read')()).rejects.toThrow(
      new Error(sentence),
    )
  })

  test('must come from somewhere', () => {
    expect(() => tokensFrom({})).toThrow('LOAD_TOKEN_COMMAND')
  })
})
