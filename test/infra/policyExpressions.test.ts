import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyOfProgram, hasDotnet } from '../support/otherPrograms.js'
import { gatewayLimits, policyOf } from './gatewayPolicy.js'

type Call = { Headers: Record<string, string[]>; Path: string; Operation: string }

const call = (given: Partial<Call>): Call => ({
  Headers: {},
  Path: '/broker/api/v1/filetransfer',
  Operation: 'x',
  ...given,
})
const withLength = (length: string) => call({ Headers: { 'Content-Length': [length] } })

/** Every `@(expression)` and `@{statements}` of a policy, once. */
function expressionsIn(policy: unknown): string[] {
  const texts: string[] = []
  JSON.stringify(policy, (_, value) => {
    if (typeof value === 'string' && /^@[({]/.test(value)) texts.push(value)
    return value
  })
  return [...new Set(texts)]
}

const asMethod = (expression: string, index: number) => {
  const body = expression.startsWith('@(') ? `return ${expression.slice(1)};` : expression.slice(2, -1)
  return `static object E${index}(Context context) { ${body} }`
}

test.skipIf(!hasDotnet)(
  'the policies are C#, and tell apart what they should (where dotnet is installed)',
  { timeout: 300_000 },
  async () => {
    const expressions = expressionsIn(policyOf('infra/policies/api.xml'))
    const ids = [...gatewayLimits().keys()]
    const calls = [
      ...['plain', 'a\ttab', 'søknad', '\u0001', '\u007f'].map((text) => call({ Headers: { 'X-Name': ['a', text] } })),
      ...['16777216', '16777217', '9'.repeat(30), 'many'].map(withLength),
      ...ids.map((id, index) => call({ Operation: index % 2 ? id : id.toUpperCase() })),
      ...['/broker/api/v1/filetransfer/upload/TUS/1', '/health'].map((Path) => call({ Path, Operation: 'other-post' })),
    ]
    const { folder, run } = await copyOfProgram('infra/policyExpressions', 'policy-expressions')
    const methods = [
      ...expressions.map(asMethod),
      `public static object[] Of(Context c) => new [] { ${expressions.map((_, index) => `E${index}(c)`).join(', ')} };`,
    ]
    const uses = 'using System;\nusing System.Collections.Generic;\nusing System.Linq;\n'
    await writeFile(
      join(folder, 'Expressions.cs'),
      `${uses}public static class Expressions {\n${methods.join('\n')}\n}\n`,
    )
    await writeFile(join(folder, 'calls.json'), JSON.stringify(calls))

    const results = JSON.parse(await run('dotnet', ['run'])) as unknown[][]
    const [texts, lengths, limited, others] = [
      results.splice(0, 5),
      results.splice(0, 4),
      results.splice(0, ids.length),
      results,
    ]
    const resultsOf = (part: string, rows: unknown[][]) => {
      const index = expressions.findIndex((expression) => expression.includes(part))
      return rows.map((row) => row[index])
    }
    const isLimit = (expression: string) => expression.includes('context.Operation.Id.ToLower()')

    expect(resultsOf('character > 126', texts)).toEqual([false, false, true, true, true])
    expect(resultsOf('Content-Length', lengths)).toEqual([false, true, false, false])
    // Each operation has a limit, and one only, whatever the import has made of its id.
    for (const row of limited)
      expect(row.filter((result, index) => result === true && isLimit(expressions[index] ?? ''))).toEqual([true])
    expect(resultsOf('OriginalUrl.Path', others)).toEqual([true, false])
  },
)
