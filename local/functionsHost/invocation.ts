import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Context, Core, CoreContext, InvocationRequest, Log, RegisteredFunction, RetryPolicy } from './core.js'
import type { HttpLibrary } from './http.js'
import type { ExtensionSettings } from './settings.js'
import { type BusClients, sendToBus } from './triggers/serviceBusClients.js'

/** What the parts of a running host share. */
export type Host = {
  log: Log
  library: HttpLibrary
  core: Core
  settings: ExtensionSettings
  /** For how long a function may run; undefined: for ever. */
  functionTimeoutMs: number | undefined
  /** Cuts every call, as the real host does when a function has run for too long. What runs here goes on. */
  restartWorker(): void
  bus: BusClients
  /** Every invocation that has not ended. */
  running: Set<Promise<void>>
}

/** What a function is called with. `finish` is given its result and is part of the run: an HTTP answer, say. */
export type Call = {
  inputs?: unknown[]
  inputData?: InvocationRequest['inputData']
  triggerMetadata?: InvocationRequest['triggerMetadata']
  retryContext?: InvocationRequest['retryContext']
  /** The W3C trace parent that an HTTP call came with. */
  traceParent?: string | undefined
  finish?: (result: unknown, invocationId: string) => Promise<void>
}

/** Runs the function once, hooks and outputs included. Throws what the function throws. */
export function invoke(host: Host, fn: RegisteredFunction, call: Call): Promise<void> {
  const timeout = startTimeout(host, fn)
  const running = run(host, fn, call).finally(() => {
    clearTimeout(timeout)
    host.running.delete(running)
  })
  host.running.add(running)
  return running
}

function startTimeout({ functionTimeoutMs, log, restartWorker }: Host, { metadata }: RegisteredFunction) {
  if (functionTimeoutMs === undefined) return undefined
  const onTimeout = () => {
    const seconds = `${functionTimeoutMs / 1000} s`
    log(
      'error',
      `${metadata.name}: longer than functionTimeout, ${seconds}. The Functions host restarts the worker: all calls are cut.`,
    )
    restartWorker()
  }
  return setTimeout(onTimeout, functionTimeoutMs).unref()
}

async function run(host: Host, fn: RegisteredFunction, call: Call) {
  const { core, log } = host
  const { metadata } = fn
  const coreContext: CoreContext = {
    invocationId: randomUUID(),
    metadata,
    request: {
      inputData: call.inputData ?? [],
      triggerMetadata: call.triggerMetadata ?? {},
      retryContext: call.retryContext,
      traceContext: { traceParent: spanIn(call.traceParent), traceState: '', attributes: {} },
    },
    log: (level, _category, text) => log(level, `${metadata.name}: ${text}`),
  }
  const model = core.invocationModel(coreContext)
  const { context, inputs: converted } = await model.getArguments()

  const shared = { hookData: {}, appHookData: core.appHookData, invocationContext: context }
  const before = { ...shared, inputs: [...(call.inputs ?? []), ...converted], functionCallback: fn.handler }
  coreContext.state = 'preInvocationHooks'
  await core.runHooks('preInvocation', before)

  const after: { result: unknown; error: unknown } = { ...shared, result: null, error: null }
  coreContext.state = 'invocation'
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback)
  } catch (error) {
    after.error = error
  }
  coreContext.state = 'postInvocationHooks'
  await core.runHooks('postInvocation', Object.assign(after, { inputs: before.inputs }))
  coreContext.state = undefined

  if (after.error) {
    log('error', `${metadata.name} failed: ${after.error instanceof Error ? after.error.stack : after.error}`)
    throw after.error
  }
  await sendOutputs(host, metadata, context, after.result)
  await call.finish?.(after.result, coreContext.invocationId)
}

async function sendOutputs(
  host: Host,
  { bindings }: RegisteredFunction['metadata'],
  context: Context,
  result: unknown,
) {
  for (const [name, binding] of Object.entries(bindings)) {
    if (binding.type !== 'serviceBus' || binding.direction !== 'out') continue
    const value = name === '$return' ? result : context.extraOutputs.get(name)
    if (value !== undefined && value !== null) await sendToBus(host.bus, binding, value)
  }
}

/** Runs the function until it succeeds or its retry policy ends. Every try is an invocation of its own. */
export async function invokeWithRetries(host: Host, fn: RegisteredFunction, call: Call): Promise<void> {
  const policy = fn.metadata.retryOptions
  if (!policy) return invoke(host, fn, call)
  const { maxRetryCount } = policy
  let exception: unknown
  for (let retryCount = 0; ; retryCount++) {
    try {
      return await invoke(host, fn, { ...call, retryContext: { retryCount, maxRetryCount, exception } })
    } catch (error) {
      if (maxRetryCount !== -1 && retryCount >= maxRetryCount) throw error
      const stackTrace = error instanceof Error ? error.stack : ''
      exception = { message: String(error), source: fn.metadata.name, stackTrace }
      await pause(pauseOf(policy, retryCount), undefined, { ref: false })
    }
  }
}

function pauseOf(policy: RetryPolicy, retryCount: number): number {
  const milliseconds = (duration?: { seconds?: number | string }) => Number(duration?.seconds ?? 0) * 1000
  if (policy.retryStrategy === 'fixedDelay') return milliseconds(policy.delayInterval)
  return Math.min(milliseconds(policy.minimumInterval) * 2 ** retryCount, milliseconds(policy.maximumInterval))
}

/** A span of the host's own: in the caller's trace, or in a new one. */
function spanIn(parent = ''): string {
  const [, trace = randomBytes(16).toString('hex'), flags = '00'] =
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-(\d\d)$/.exec(parent) ?? []
  return `00-${trace}-${randomBytes(8).toString('hex')}-${flags}`
}
