type Refusal = { statusCode: number; headers: Record<string, string | string[] | undefined>; text: string }

/** What the service answered, as an error with its `statusCode`, its `code` and its `retryAfter`. */
export function serviceError({ statusCode, headers, text }: Refusal): Error {
  const { code, message } = told(text)
  const retryAfter = headers['retry-after']
  return Object.assign(new Error(`The table service answered ${statusCode}. ${message}`.trim()), {
    name: 'TableServiceError',
    statusCode,
    ...(code !== undefined && { code }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}

type Told = { 'odata.error'?: { code?: string; message?: { value?: string } } }

/** What the body says, if it is the service's own. */
function told(text: string): { code: string | undefined; message: string } {
  try {
    const { code, message } = (JSON.parse(text) as Told)['odata.error'] ?? {}
    return { code, message: message?.value ?? '' }
  } catch {
    return { code: undefined, message: '' }
  }
}
