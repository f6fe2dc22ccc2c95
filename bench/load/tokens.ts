import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { cachedToken, type TokenProvider } from '../../clients/typescript/src/index.js'

const TIMEOUT_MS = 30_000

/** Gives a provider of tokens for an organisation and a scope. */
export type Tokens = (organization: string, scope: string) => TokenProvider

/**
 * Tokens from the command in LOAD_TOKEN_COMMAND, which prints one for the ORG and SCOPE in its environment, else from
 * the simulator at ALTINN_URL. Each is kept until shortly before it runs out. @throws when neither is set.
 */
export function tokensFrom({ LOAD_TOKEN_COMMAND, ALTINN_URL }: Record<string, string | undefined>): Tokens {
  if (LOAD_TOKEN_COMMAND) return (org, scope) => cachedToken(() => printed(LOAD_TOKEN_COMMAND, org, scope))
  if (!ALTINN_URL)
    throw new Error(
      'Set LOAD_TOKEN_COMMAND to a command that prints a token for $ORG and $SCOPE, or ALTINN_URL to a simulator.',
    )
  return (org, scope) =>
    cachedToken(async () => {
      const query = new URLSearchParams({ org, scope })
      return (await fetch(`${ALTINN_URL}/token?${query}`, { signal: AbortSignal.timeout(TIMEOUT_MS) })).text()
    })
}

async function printed(command: string, org: string, scope: string): Promise<string> {
  const env = { ...process.env, ORG: org, SCOPE: scope }
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, timeout: TIMEOUT_MS }).catch(() => {
    throw new Error('LOAD_TOKEN_COMMAND fails.') // without what was run, which may hold a password
  })
  const token = stdout.trim()
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw new Error('LOAD_TOKEN_COMMAND prints no token.')
  return token
}
