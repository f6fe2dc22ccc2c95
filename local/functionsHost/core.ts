import Module from 'node:module'

/** A line of the log. Levels are those of `context.log` and its like. */
export type Log = (level: string, text: string) => void

/** What a function does, with the inputs of its bindings. */
export type Handler = (...inputs: unknown[]) => unknown

/** A binding as the library registers it; of each kind only what this host reads. */
export type Binding = {
  type: string
  direction: string
  connection?: string
  queueName?: string
  topicName?: string
  subscriptionName?: string
  isSessionsEnabled?: boolean
  cardinality?: string
  schedule?: string
  runOnStartup?: boolean
  useMonitor?: boolean
  route?: string
  methods?: string[]
}

/** How often, and after which delay, a failed run is retried. `maxRetryCount` -1 is without limit. */
export type RetryPolicy = {
  maxRetryCount: number
  retryStrategy: string
  delayInterval?: { seconds?: number | string }
  minimumInterval?: { seconds?: number | string }
  maximumInterval?: { seconds?: number | string }
}

/** A function as the library has registered it with the host. */
export type RegisteredFunction = {
  metadata: { name: string; bindings: Record<string, Binding>; retryOptions?: RetryPolicy }
  handler: Handler
}

/** Both notations of a value between the host and the library. */
export type TypedData = { string: string } | { json: string }

/** What one invocation is called with, in the words of the library. */
export type InvocationRequest = {
  inputData: { name: string; data: TypedData }[]
  triggerMetadata: Record<string, TypedData>
  retryContext: { retryCount: number; maxRetryCount: number; exception: unknown } | undefined
  traceContext: { traceParent: string; traceState: string; attributes: Record<string, string> }
}

/** One invocation as the library sees it; `state` is where it has come. */
export type CoreContext = {
  invocationId: string
  metadata: RegisteredFunction['metadata']
  request: InvocationRequest
  state?: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined
  log(level: string, category: string, text: string): void
}

/** The context of one invocation, as the function gets it. */
export type Context = { extraOutputs: { get(name: string): unknown } }

type InvocationModel = {
  getArguments(): Promise<{ context: Context; inputs: unknown[] }>
  invokeFunction(context: Context, inputs: unknown[], handler: Handler): Promise<unknown>
}
type ProgrammingModel = { getInvocationModel(context: CoreContext): InvocationModel }
type Hook = (context: object) => unknown

/** What the app registered while its files loaded. */
export type Core = {
  functions: Map<string, RegisteredFunction>
  appHookData: object
  invocationModel(context: CoreContext): InvocationModel
  runHooks(name: string, context: object): Promise<void>
  /** From now on a registration throws. */
  seal(): void
}

/**
 * Provides `@azure/functions-core`, the module by which `@azure/functions` talks to its host and which only the real
 * worker has. Call it before the app's files load. It works for CommonJS and ESM apps, since the library itself uses
 * `require`.
 */
export function provideCore(log: Log): Core {
  const functions = new Map<string, RegisteredFunction>()
  const hooks = new Map<string, Set<Hook>>()
  let model: ProgrammingModel | undefined
  let sealed = false

  const module = {
    version: '4.0.0',
    hostVersion: '4.1037.0',
    log: (level: string, _category: string, text: string) => log(level, text),
    setProgrammingModel(own: ProgrammingModel) {
      model = own
    },
    getProgrammingModel: () => model,
    registerFunction(metadata: RegisteredFunction['metadata'], handler: Handler) {
      if (sealed) throw new Error('A function can only be registered during app startup.')
      if (functions.has(metadata.name)) throw new Error(`There are two functions named "${metadata.name}".`)
      functions.set(metadata.name, { metadata, handler })
      return { dispose: () => functions.delete(metadata.name) }
    },
    registerHook(name: string, callback: Hook) {
      const callbacks = hooks.get(name) ?? new Set()
      hooks.set(name, callbacks.add(callback))
      return { dispose: () => callbacks.delete(callback) }
    },
  }
  answerRequire('@azure/functions-core', module)

  return {
    functions,
    appHookData: {},
    invocationModel(context) {
      if (model === undefined) throw new Error('The app never loaded @azure/functions.')
      return model.getInvocationModel(context)
    },
    async runHooks(name, context) {
      for (const callback of hooks.get(name) ?? []) await callback(context)
    },
    seal() {
      sealed = true
    },
  }
}

function answerRequire(name: string, exports: unknown) {
  const prototype: { require(this: unknown, id: string): unknown } = Module.prototype
  const original = prototype.require
  prototype.require = function (id) {
    return id === name ? exports : original.call(this, id)
  }
}
