import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { textOf } from './snapshot.js'

type Choice = { '@condition': string; 'rate-limit-by-key'?: { '@calls': string; '@renewal-period': string } }

/** A policy of the gateway. @throws if it is not XML. */
export function policyOf(path: string) {
  const text = textOf(path)
  const verdict = XMLValidator.validate(text)
  if (verdict !== true) throw new Error(`${path}: ${verdict.err.msg} in line ${verdict.err.line}`)
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    isArray: (name) => ['when', 'choose'].includes(name),
  })
  return parser.parse(text)
}

const { policies } = policyOf('infra/policies/api.xml')
export const inbound = policies.inbound
export const backend = policies.backend

const limits = (inbound.choose as { when: Choice[]; otherwise?: Choice }[]).find(({ otherwise }) => otherwise)
const callsOf = (choice: Choice | undefined) => Number(choice?.['rate-limit-by-key']?.['@calls'])

/** How many calls of an operation are let through in a minute, by its id. */
export const gatewayLimits = (): Map<string, number> =>
  new Map(
    limits?.when.flatMap((choice) =>
      [...choice['@condition'].matchAll(/"(\w+)"/g)].map(([, id = '']): [string, number] => [id, callsOf(choice)]),
    ),
  )

export const TUS_LIMIT = callsOf(limits?.when.find((choice) => choice['@condition'].includes('OriginalUrl.Path')))
export const OTHER_LIMIT = callsOf(limits?.otherwise)
