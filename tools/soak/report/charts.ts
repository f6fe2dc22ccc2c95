import * as echarts from 'echarts'
import type { Outage } from '../ledger/ledger.js'

/** A line over time: [minutes from the start, value]; undefined where nothing is known. */
export type Line = { name: string; points: [number, number | undefined][] }
export type Chart = { title: string; unit: string; lines: Line[]; isLog?: boolean }

const SIZE = { width: 900, height: 340 }
const COLORS = ['#0062ba', '#e5601c', '#1a8a5f', '#8a3ffc', '#b28600', '#d12771', '#6f6f6f', '#00a0c6', '#5d3a1a']

/** Lines over the minutes of a run, with its disturbances as marks, as SVG. */
export function lineChart({ title, unit, lines, isLog = false }: Chart, outages: Outage[], startedAt: number): string {
  const minutesOf = (at: number) => Math.round(((at - startedAt) / 60_000) * 100) / 100
  const marks = outages.map(({ from, to }) => [{ xAxis: minutesOf(from) }, { xAxis: minutesOf(to) }])
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...SIZE })
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#fff',
      color: COLORS,
      title: { text: title, subtext: unit, left: 8, textStyle: { fontSize: 15 } },
      legend: {
        top: 6,
        right: 8,
        width: 560,
        type: 'plain',
        icon: 'roundRect',
        itemWidth: 14,
        itemHeight: 4,
        textStyle: { fontSize: 11 },
      },
      grid: { left: 60, right: 20, top: 70, bottom: 40 },
      xAxis: { type: 'value', name: 'minutes', nameLocation: 'middle', nameGap: 24, min: 0, max: 'dataMax' },
      yAxis: isLog ? { type: 'log', min: 1 } : { type: 'value', min: 0 },
      series: lines.map(({ name, points }, index) => ({
        name,
        type: 'line',
        showSymbol: false,
        lineStyle: { width: 1.5 },
        data: points.map(([at, value]) => [Math.round(at * 100) / 100, value ?? null]),
        ...(index === 0 && {
          markArea: { silent: true, itemStyle: { color: '#e5601c', opacity: 0.15 }, data: marks },
        }),
      })),
    } as echarts.EChartsCoreOption)
    return withTitle(chart.renderToSVGString(), title)
  } finally {
    chart.dispose()
  }
}

/** The picture with a title for those who cannot see it, and without styles for a pointer, which a page does not show. */
const withTitle = (svg: string, title: string): string =>
  svg
    .replace(/<style[\s\S]*?<\/style>\s*/g, '')
    .replace(/ (class="[^"]*"|pointer-events="[^"]*")/g, '')
    .replace('>', `>\n<title>${title}</title>`)
