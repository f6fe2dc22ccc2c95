import { BrokenConnection } from '../../calls/problem.js'
import type { TokenProvider } from '../../calls/tokens.js'
import { sentenceOf } from '../errors.js'
import { networkFault } from '../faultWords.js'
import { durationOf } from '../output.js'

const GATEWAY_STATUSES = [502, 503, 504]

/** A fetch that says once when Broker stops answering, and when it answers again. */
export function fetchSayingOutages(say: (line: string) => void): typeof fetch {
  let downSince: number | undefined
  const down = (why: string) => {
    if (downSince === undefined) say(`Broker does not answer now (${why}). It is tried again; Ctrl-C stops`)
    downSince ??= performance.now()
  }
  return async (input, init) => {
    const response = await fetch(input, init).catch((error: unknown) => {
      if (!init?.signal?.aborted) down(networkFault(error) ?? 'the connection failed')
      throw error
    })
    if (GATEWAY_STATUSES.includes(response.status)) down(`status ${response.status}`)
    else if (downSince !== undefined) {
      say(`Broker answers again, after ${durationOf((performance.now() - downSince) / 1000)}`)
      downSince = undefined
    }
    return response
  }
}

/** The tokens of a provider. Says once when it stops giving any, and when it gives them again. */
export function tokensSayingOutages(tokens: TokenProvider, say: (line: string) => void): TokenProvider {
  let isDown = false
  return async (request) => {
    try {
      const token = await tokens(request)
      if (isDown) say('There are tokens again')
      isDown = false
      return token
    } catch (error) {
      if (error instanceof BrokenConnection && !isDown) {
        isDown = true
        say(`${sentenceOf(error)}. It is tried again; Ctrl-C stops`)
      }
      throw error
    }
  }
}
