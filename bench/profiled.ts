import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

// https://chromedevtools.github.io/devtools-protocol/tot/Profiler/
const profile = z.object({
  nodes: z.array(
    z.object({
      id: z.int(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.int()).optional(),
    }),
  ),
  samples: z.array(z.int()),
  timeDeltas: z.array(z.number()),
})
/** What a process did: the tree of calls, and for each moment the call that it was in, and for how many microseconds. */
export type Profile = z.infer<typeof profile>

const answer = z.object({ id: z.int(), result: z.unknown() })
const targets = z.tuple([z.object({ webSocketDebuggerUrl: z.string() })])
/** Where a process of Node.js listens once it has been sent SIGUSR1. */
const INSPECTOR = 'http://127.0.0.1:9229/json'
const EVERY_MICROSECONDS = 500

/** The profile of another process of Node.js while this work is done. */
export async function profiled(pid: number | undefined, work: () => Promise<unknown>): Promise<Profile> {
  if (pid === undefined) throw new Error('There is no process to look at.')
  process.kill(pid, 'SIGUSR1')
  const socket = new WebSocket(await addressOfInspector())
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }))
  const waiting = new Map<number, (result: unknown) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { success, data: said } = answer.safeParse(JSON.parse(String(data)))
    if (success) waiting.get(said.id)?.(said.result)
  })
  let calls = 0
  const call = (method: string, params = {}) =>
    new Promise<unknown>((resolve) => {
      waiting.set(++calls, resolve)
      socket.send(JSON.stringify({ id: calls, method, params }))
    })
  try {
    await call('Profiler.enable')
    await call('Profiler.setSamplingInterval', { interval: EVERY_MICROSECONDS })
    await call('Profiler.start')
    await work()
    return z.object({ profile }).parse(await call('Profiler.stop')).profile
  } finally {
    socket.close()
  }
}

async function addressOfInspector(): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      const [{ webSocketDebuggerUrl }] = targets.parse(await (await fetch(INSPECTOR)).json())
      return webSocketDebuggerUrl
    } catch (error) {
      if (tries === 50) throw error
      await pause(100)
    }
  }
}
