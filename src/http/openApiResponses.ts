/** One answer that an operation may give, before those of one status are put together. No media type: there is no body. */
export type DeclaredAnswer = {
  status: number
  description: string
  media?: string | undefined
  schema?: object | undefined
  example?: { name: string; value: unknown } | undefined
  headers: readonly string[]
}

/** The answers as an OpenAPI responses object: by status, the media types in it, and the examples in them. */
export function grouped(answers: DeclaredAnswer[]): Record<string, object> {
  const byStatus = Map.groupBy(answers, ({ status }) => status)
  return Object.fromEntries(
    [...byStatus].toSorted(([one], [other]) => one - other).map(([status, all]) => [status, responseOf(all)]),
  )
}

function responseOf(answers: DeclaredAnswer[]) {
  const headers = new Set(answers.flatMap(({ headers }) => headers))
  const byMedia = Map.groupBy(answers, ({ media }) => media)
  byMedia.delete(undefined)
  return {
    description: describe(answers),
    ...(headers.size > 0 && {
      headers: Object.fromEntries([...headers].map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    }),
    ...(byMedia.size > 0 && {
      content: Object.fromEntries([...byMedia].map(([media, all]) => [media, mediaOf(all)])),
    }),
  }
}

/** A sentence, or a list of them, each with Broker's number if it has one. */
function describe(answers: DeclaredAnswer[]): string {
  const lines = answers.map(({ description, example }) => {
    const { code } = (example?.value ?? {}) as { code?: string }
    return code ? `\`${code}\` ${description}` : description
  })
  const [only = '', ...more] = new Set(lines)
  return more.length === 0 ? only : [only, ...more].map((line) => `- ${line}`).join('\n')
}

function mediaOf(answers: DeclaredAnswer[]) {
  const schemas = [...new Map(answers.map(({ schema }) => [JSON.stringify(schema), schema])).values()]
  const examples = answers.flatMap(({ example, description }) => {
    if (!example) return []
    const { code } = example.value as { code?: string }
    return [[code ?? example.name, { summary: code ? `${example.name}` : description, value: example.value }]]
  })
  return {
    schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
    ...(examples.length > 0 && { examples: Object.fromEntries(examples) }),
  }
}
