import { app } from '@azure/functions'
import { inSpan } from '../app.js'
import { stepOf } from './step.js'

// Every function runs inside a step of the trace that called for it: an HTTP call, a message, a timer.
app.hook.preInvocation((hook) => {
  const { functionHandler, invocationContext } = hook
  hook.functionHandler = async (...inputs) => inSpan(stepOf(invocationContext), async () => functionHandler(...inputs))
})
