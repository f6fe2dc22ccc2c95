import { z } from 'zod'
import { parseJson } from '../altinn/http.js'

const problem = z.looseObject({
  code: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.record(z.string(), z.array(z.string())).optional(),
})

/** A refused call as one sentence: its status and what the problem document, if the body is one, says. */
export function refusal(what: string, status: number, body: string): Error {
  const { code, title, detail, errors } = problem.safeParse(parseJson(body)).data ?? {}
  const fields = Object.entries(errors ?? {}).map(([field, messages]) => `${field}: ${messages.join(' ')}`)
  const says = [code, detail ?? title, ...fields].filter((part) => part).join(' ')
  return new Error(`${what} was refused with ${status}${says ? `: ${says}` : ''}`)
}
