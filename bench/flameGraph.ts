import { escaped } from './chart.js'
import type { Profile } from './profiled.js'

type Frame = { name: string; kind: string; microseconds: number; children: Map<string, Frame> }

const WIDTH = 1200
const ROW = 15
const TOP = 34
/** Thinner than this, in pixels, is not drawn. */
const THINNEST = 1.5
const LETTER = 6

/** A picture of where the time went: callers above those that they called, each as wide as the time spent in it. Waiting is left out. */
export function flameGraph(title: string, { nodes, samples, timeDeltas }: Profile): string {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const root: Frame = { name: 'all', kind: 'node', microseconds: 0, children: new Map() }
  for (const [index, sample] of samples.entries()) {
    const stack: Profile['nodes'] = []
    for (let at = byId.get(sample); at; at = byId.get(callers.get(at.id) ?? 0)) stack.unshift(at)
    if (stack.at(-1)?.callFrame.functionName === '(idle)') continue
    add(root, stack.slice(1), timeDeltas[index] ?? 0)
  }

  const boxes: string[] = []
  let depth = 0
  const draw = (frame: Frame, x: number, level: number) => {
    const width = (frame.microseconds / root.microseconds) * WIDTH
    if (width < THINNEST) return
    depth = Math.max(depth, level)
    const y = TOP + level * ROW
    const share = ((100 * frame.microseconds) / root.microseconds).toFixed(1)
    const fits = Math.floor((width - 4) / LETTER)
    const label =
      fits >= 3 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 11}">${escaped(frame.name.slice(0, fits))}</text>` : ''
    boxes.push(
      `<g><title>${escaped(`${frame.name}: ${share} %`)}</title><rect class="${frame.kind}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"/>${label}</g>`,
    )
    let left = x
    for (const child of [...frame.children.values()].toSorted((one, other) => other.microseconds - one.microseconds)) {
      draw(child, left, level + 1)
      left += (child.microseconds / root.microseconds) * WIDTH
    }
  }
  draw(root, 0, 0)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + (depth + 1) * ROW + 6}" font-family="monospace" font-size="10">
<title>${escaped(title)}</title>
<style>svg{background:#fff}.title{font:15px system-ui}.own{fill:#7db3e8}.library{fill:#f3b37a}.node{fill:#d5d5d5}.gc{fill:#e88f8f}</style>
<text class="title" x="4" y="20">${escaped(title)}: processor time of the app (blue: its own code, orange: libraries, grey: Node.js, red: garbage collection)</text>
${boxes.join('\n')}
</svg>
`
}

function add(frame: Frame, [next, ...rest]: Profile['nodes'], microseconds: number) {
  frame.microseconds += microseconds
  if (!next) return
  const { functionName, url } = next.callFrame
  const name = [functionName || '(anonymous)', url.split('/').slice(-2).join('/')].filter(Boolean).join(' ')
  const child = frame.children.get(name) ?? {
    name,
    kind: kindOf(functionName, url),
    microseconds: 0,
    children: new Map(),
  }
  frame.children.set(name, child)
  add(child, rest, microseconds)
}

function kindOf(functionName: string, url: string): Frame['kind'] {
  if (functionName === '(garbage collector)') return 'gc'
  if (url.includes('node_modules')) return 'library'
  return url.startsWith('file:') ? 'own' : 'node'
}
