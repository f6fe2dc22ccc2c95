import type { AccessPolicy, Log } from '../../usecases/ports.js'
import { jsonOf } from './goodAnswer.js'
import type { Platform } from './platform.js'
import { decisionAnswer, decisionRequest, permits } from './xacml.js'

const SCOPE = 'altinn:authorization/authorize.admin'

/** Access by Altinn Authorization's decision point. Whoever it does not clearly permit is denied. */
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
    if (response.status >= 500 || [408, 429].includes(response.status)) await jsonOf(response) // throws: nobody was denied
    if (!response.ok) {
      log('warn', 'Altinn Authorization gave no decision', { status: response.status })
      await response.body?.cancel()
      return false
    }
    return permits(decisionAnswer.parse(await response.json()), caller.claims)
  },
})
