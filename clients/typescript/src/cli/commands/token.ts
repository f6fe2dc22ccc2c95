import { claimsOf, organizationIn } from '../../calls/tokens.js'
import type { Command } from '../command.js'

export const token: Command = {
  about: 'prints a token, for other programs such as curl',
  takes: { called: '', atLeast: 0, atMost: 0 },
  role: 'sender',
  examples: ['', '--local --as 986252932', '--json'],
  options: {},
  async run({ output, connect }) {
    const text = await (await connect()).token()
    const { scope, exp } = claimsOf(text) as { scope?: string; exp?: number }
    const expires = exp === undefined ? undefined : new Date(exp * 1000).toISOString()
    output.result({ token: text, organization: organizationIn(text), scope, expires }, text)
  },
}
