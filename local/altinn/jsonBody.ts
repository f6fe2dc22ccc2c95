import type { Context } from 'hono'

/** The JSON in the body, undefined when it holds none. */
export const jsonBody = (c: Context): Promise<unknown> => c.req.json().catch(() => undefined)
