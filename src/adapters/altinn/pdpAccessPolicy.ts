import { groupsOf } from '../../lib/groupsOf.js'
import type { AccessPolicy } from '../../usecases/ports/access.js'
import type { Log } from '../../usecases/ports/telemetry.js'
import type { Platform } from './platform.js'
import { jsonOf } from './upstreamResponse.js'
import {
  type DecisionAnswer,
  type DecisionRequest,
  decisionAnswer,
  decisionRequest,
  type ManyDecisionsRequest,
  manyDecisionsRequest,
  partiesPermitted,
  permits,
} from './xacml.js'

/** Altinn decides about the parties of a request one after the other. */
const PARTIES_IN_A_REQUEST = 100

const SCOPE = 'altinn:authorization/authorize.admin'

/**
 * Access by Altinn Authorization's decision point. What it does not clearly permit is denied. @throws without a
 * decision.
 */
export const pdpAccessPolicy = (platform: Platform, log: Log): AccessPolicy => {
  async function answerTo(request: DecisionRequest | ManyDecisionsRequest): Promise<DecisionAnswer> {
    const response = await platform('authorization/api/v1/authorize', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(request),
      scope: SCOPE,
    })
    // Any other answer is no denial: Broker's own token may be refused.
    if (!response.ok) log('access.noDecision', { status: response.status })
    return decisionAnswer.parse(await jsonOf(response))
  }

  const isPermitted: AccessPolicy['isPermitted'] = async (caller, asked) => {
    const request = caller.organization && decisionRequest(caller.claims, asked)
    return request ? permits(await answerTo(request), caller.claims) : false
  }

  return {
    isPermitted,

    async permittedParties(caller, asked, parties) {
      const [party, ...more] = parties
      if (party && more.length === 0) return (await isPermitted(caller, { ...asked, party })) ? [party] : []
      const groups = groupsOf(parties, PARTIES_IN_A_REQUEST).map(async (group) => {
        const request = caller.organization && manyDecisionsRequest(caller.claims, asked, group)
        const permitted = request ? partiesPermitted(await answerTo(request), caller.claims) : []
        return group.filter((party) => permitted.includes(party))
      })
      return (await Promise.all(groups)).flat()
    },
  }
}
