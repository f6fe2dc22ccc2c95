import { BrokerProblem, TokenRefused } from '../calls/problem.js'

/** How many files are checked by Broker while the next ones are uploaded. */
const MAX_CHECKED = 20

/** What of several files has failed, and how many were not begun. */
type Outcome<Item> = { failures: { file: Item; error: unknown }[]; notTried: number }

/**
 * Sends files in their order, and uploads `atATime` of them side by side: the next begins when one is uploaded, while
 * that is checked. Those that fail do not keep the others back, unless the sender is refused, or the signal stops it.
 * `onSent` is called in the order of files.
 * @throws the reason of the signal when no file has failed by it, and some were not begun.
 */
export async function sendInTurn<Item, Sent extends object>(
  files: Item[],
  { signal, atATime = 1 }: { signal: AbortSignal | undefined; atATime?: number },
  send: (file: Item, onUploaded: () => void) => Promise<Sent>,
  onSent: (sent: Sent) => void,
): Promise<Outcome<Item>> {
  const failures: Outcome<Item>['failures'] = []
  const running = new Set<Promise<unknown>>()
  const uploading = new Set<Promise<unknown>>()
  let mustStop = false
  let reported = Promise.resolve()
  let begun = 0
  for (const file of files) {
    if (signal?.aborted || mustStop) break
    begun += 1
    let onUploaded = () => {}
    const uploaded = new Promise<void>((resolve) => {
      onUploaded = resolve
    })
    const sending = send(file, onUploaded).then(
      (sent) => ({ sent }),
      (error: unknown) => {
        mustStop ||= isRefusalOfSender(error)
        return { failure: { file, error } }
      },
    )
    running.add(sending)
    void sending.then(() => running.delete(sending))
    const occupied = Promise.race([sending, uploaded])
    uploading.add(occupied)
    void occupied.then(() => uploading.delete(occupied))
    reported = Promise.all([sending, reported]).then(([outcome]) => {
      if ('sent' in outcome) onSent(outcome.sent)
      else failures.push(outcome.failure)
    })
    if (uploading.size >= atATime) await Promise.race(uploading)
    if (running.size >= MAX_CHECKED) await Promise.race(running)
  }
  await reported
  if (begun < files.length && failures.length === 0) signal?.throwIfAborted()
  return { failures, notTried: files.length - begun }
}

/** It would be the same for each file. */
const isRefusalOfSender = (error: unknown) =>
  error instanceof TokenRefused || (error instanceof BrokerProblem && [401, 403].includes(error.status))
