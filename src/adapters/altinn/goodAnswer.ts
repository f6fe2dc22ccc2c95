/** The body of a good answer. @throws with path and status otherwise, never with the body. */
export const jsonOf = async (response: Response): Promise<unknown> => (await good(response)).json()

export const textOf = async (response: Response): Promise<string> => (await good(response)).text()

async function good(response: Response): Promise<Response> {
  if (response.ok) return response
  await response.body?.cancel()
  const message = `${new URL(response.url).pathname} answered ${response.status}.`
  throw Object.assign(new Error(message), { isUpstream: true })
}
