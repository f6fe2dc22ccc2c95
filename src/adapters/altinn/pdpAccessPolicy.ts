import type { AccessPolicy, Log } from '../../usecases/ports.js'
import { jsonOf } from './goodAnswer.js'
import type { Platform } from './platform.js'
import { decisionAnswer, decisionRequest, permits } from './xacml.js'

const SCOPE = 'altinn:authorization/authorize.admin'

/** Access by Altinn Authorization's decision point. Whoever it does not clearly permit is denied. @throws when it gives no decision. */
export const pdpAccessPolicy = (platform: Platform, log: Log): AccessPolicy => ({
  async isPermitted(caller, asked) {
    const request = caller.organization && decisionRequest(caller.claims, asked)
    if (!request) return false
    const response = await platform('authorization/api/v1/authorize', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(request),
      scope: SCOPE,
    })
    // Only a decision is one: whatever else is answered (Broker's own token may be refused) has denied nobody.
    if (!response.ok) log('access.noDecision', { status: response.status })
    return permits(decisionAnswer.parse(await jsonOf(response)), caller.claims)
  },
})
