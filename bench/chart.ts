import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { projectRoot } from '../local/paths.js'

/** Bars of one length unit, each with what it is of; `goal` is a mark on it. */
export type Bar = { label: string; value: number; goal?: number | undefined; note?: string | undefined }

const WIDTH = 900
const LABELS = 260
const ROW = 26
const TOP = 46

/** A text as it may stand in XML. */
export const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** A picture of bars, for a browser in light and in dark. */
export function barChart(title: string, unit: string, bars: Bar[]): string {
  const longest = Math.max(...bars.flatMap(({ value, goal = 0 }) => [value, goal]))
  const room = WIDTH - LABELS - 170
  const length = (value: number) => (longest > 0 ? (value / longest) * room : 0)
  const rows = bars.map(({ label, value, goal, note = '' }, index) => {
    const y = TOP + index * ROW
    const mark = goal === undefined ? '' : `<path class="goal" d="M${LABELS + length(goal)} ${y - 3}v${ROW - 4}"/>`
    return [
      `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${length(value).toFixed(1)}" height="${ROW - 8}"/>`,
      mark,
      `<text x="${LABELS + Math.max(length(value), length(goal ?? 0)) + 8}" y="${y + 13}">${escaped(`${value} ${note}`)}</text>`,
    ].join('')
  })
  const height = TOP + bars.length * ROW + 10
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui" font-size="13">
<title>${escaped(title)}</title>
<style>text{fill:#222}rect{fill:#0062ba}.goal{stroke:#e5601c;stroke-width:3}@media(prefers-color-scheme:dark){svg{background:#1b1b1f}text{fill:#ddd}rect{fill:#5b9fe3}}</style>
<text x="8" y="22" font-size="16">${escaped(`${title} (${unit}; the mark is the goal)`)}</text>
${rows.join('\n')}
</svg>
`
}

/** Keeps a picture of a run in bench/results. */
export async function keepChart(name: string, svg: string): Promise<void> {
  const folder = join(projectRoot, 'bench/results')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.svg`), svg)
  console.log(`bench/results/${name}.svg`)
}
