/** The JSON body of a successful response. @throws with path and status otherwise, never with the body. */
export const jsonOf = async (response: Response): Promise<unknown> => {
  const text = await textOf(response)
  try {
    return JSON.parse(text)
  } catch {
    throw failedResponse(response, `${response.status} without JSON`)
  }
}

/** The body of a successful response. @throws with path and status otherwise, never with the body. */
export const textOf = async (response: Response): Promise<string> => {
  if (response.ok) return response.text()
  await response.body?.cancel()
  throw failedResponse(response, String(response.status))
}

/** The failure that a response is, named by its path alone. */
export const failedResponse = ({ url, headers }: Response, what: string) =>
  Object.assign(new Error(`${new URL(url).pathname} answered ${what}.`), {
    isUpstream: true,
    retryAfter: headers.get('retry-after'),
  })
