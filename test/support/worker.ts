import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import type { HttpFunctionOptions } from '@azure/functions'
import { provideCore } from '../../local/functionsHost/core.js'

type Model = ReturnType<ReturnType<typeof provideCore>['invocationModel']> & {
  getResponse(context: unknown, result: unknown): Promise<unknown>
}

/**
 * HTTP functions in the library's own stream mode, as the Functions worker runs them: the request comes through the
 * library's HTTP server, its headers and parameters beside it, and the library writes the answer to it. Once per
 * process.
 */
export async function startWorker() {
  const core = provideCore(() => {})
  const require = createRequire(import.meta.url)
  const { app } = require('@azure/functions') as typeof import('@azure/functions')
  app.setup({ enableHttpStream: true })
  app.http('some', { handler: async () => ({}) }) // with its first function the library says how it is called
  const programmingModel = require('@azure/functions-core').getProgrammingModel()
  const { HttpUri: url } = (await programmingModel.getCapabilities({})) as { HttpUri: string }

  return {
    url,

    /** The headers that the host adds to the request that it forwards for this invocation. */
    headersFor: (invocationId: string) => ({
      'x-ms-invocation-id': invocationId,
      'x-forwarded-host': 'broker.example',
      'x-forwarded-proto': 'https',
    }),

    newInvocationId: (): string => randomUUID(),

    /** Calls a function with the request of this invocation, which may have come in before, and sends its answer. */
    async invoke(
      invocationId: string,
      { handler }: HttpFunctionOptions,
      { headers = {}, params = {} }: { headers?: Record<string, string>; params?: Record<string, string> },
    ): Promise<void> {
      const bindings = {
        request: { type: 'httpTrigger', direction: 'in' },
        $return: { type: 'http', direction: 'out' },
      }
      const model = core.invocationModel({
        invocationId,
        metadata: { name: 'some', bindings },
        log() {},
        request: {
          inputData: [{ name: 'request', data: { string: '' } }],
          retryContext: undefined,
          triggerMetadata: {
            ...Object.fromEntries(Object.entries(params).map(([name, string]) => [name, { string }])),
            Headers: { json: JSON.stringify(headers) },
          },
          traceContext: { traceParent: '', traceState: '', attributes: {} },
        },
      }) as Model
      const { context, inputs } = await model.getArguments()
      const result = await model.invokeFunction(context, inputs, handler as (...inputs: unknown[]) => unknown)
      await model.getResponse(context, result)
    },
  }
}
