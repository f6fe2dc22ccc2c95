import type { Binding, RegisteredFunction } from '../core.js'
import { type Host, invoke } from '../invocation.js'
import { startServiceBusTrigger } from './serviceBusTrigger.js'
import { startTimer } from './timer.js'

/** How a function of one kind is run now, with a text as its input, and stopped. */
export type RunningTrigger = { runNow(input: string): Promise<void>; stop(): Promise<void> }

/** A function that can be called. */
export type Trigger = RunningTrigger & { fn: RegisteredFunction; binding: Binding }

/** Starts a function of one kind by its trigger, whose binding has this name. */
export type TriggerStart = (host: Host, fn: RegisteredFunction, binding: Binding, name: string) => RunningTrigger

const starts: Record<string, TriggerStart> = {
  httpTrigger: () => ({
    runNow: () => Promise.reject(new Error('A function with an HTTP trigger is called at its own address.')),
    stop: async () => {},
  }),
  timerTrigger: startTimer,
  manualTrigger: (host, fn, _, name) => ({
    runNow: (input) => invoke(host, fn, { inputData: [{ name, data: { string: input } }] }),
    stop: async () => {},
  }),
  serviceBusTrigger: startServiceBusTrigger,
}

/** Starts the trigger of the function. @throws for a binding that this host does not support: none is ignored. */
export function startTrigger(host: Host, fn: RegisteredFunction): Trigger {
  const { name: functionName, retryOptions } = fn.metadata
  const bindings = Object.entries(fn.metadata.bindings)
  for (const [name, { type, direction }] of bindings) {
    const supported = direction === 'in' ? type in starts : type === 'serviceBus' || type === 'http'
    if (!supported) throw new Error(`${functionName}: the local host has no ${type} (${name}, ${direction}).`)
  }
  const [name, binding] = bindings.find(([, { direction }]) => direction === 'in') ?? []
  const start = starts[binding?.type ?? '']
  if (!name || !binding || !start) throw new Error(`${functionName} has no trigger.`)
  if (retryOptions && binding.type !== 'timerTrigger') {
    throw new Error(
      `${functionName}: retry policies are for timers. Service Bus redelivers, and HTTP clients ask again.`,
    )
  }
  return { fn, binding, ...start(host, fn, binding, name) }
}
