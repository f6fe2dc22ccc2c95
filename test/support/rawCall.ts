import { connect } from 'node:net'

/** The head of a request as it goes over the wire: the request line, and headers by name. */
export const head = (line: string, headers: Record<string, string>) =>
  `${[line, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`

/** A connection to a server on this machine that sends what no HTTP client would. */
export function rawCall(url: string, bytes: string | Uint8Array) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  socket.setEncoding('latin1').on('data', (text) => (received += text))
  socket.on('error', () => {}) // a connection that is cut is an answer, too
  socket.write(bytes)
  return {
    socket,
    /** What has come so far. */
    received: () => received,
    /** All that came, when the server has closed the connection. */
    closed: new Promise<string>((resolve) => socket.once('close', () => resolve(received))),
  }
}

/** What came back when the connection was closed, of which the first line is the status: '' without an answer. */
export const answerTo = async (url: string, bytes: string | Uint8Array) => {
  const answer = await rawCall(url, bytes).closed
  const [statusLine = '', ...rest] = answer.split('\r\n')
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers: rest, body: answer.split('\r\n\r\n')[1] ?? '' }
}
