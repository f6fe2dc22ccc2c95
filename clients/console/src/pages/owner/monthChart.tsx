import { BarController, BarElement, CategoryScale, Chart, LinearScale } from 'chart.js'
import { useEffect, useRef } from 'preact/hooks'
import type { OwnerStatistics } from '../../../../typescript/src/index.js'
import { monthText } from '../../format/times.js'
import { useTexts } from '../../state/context.js'
import { useObservable } from '../../state/observable.js'
import { scheme } from '../../state/preferences.js'

Chart.register(BarController, BarElement, CategoryScale, LinearScale)

/** File transfers by month, oldest first. The table after it says the same to those who do not see it. */
export function MonthChart({ months }: { months: OwnerStatistics['months'] }) {
  const { owner: texts, locale } = useTexts()
  const chosenScheme = useObservable(scheme)
  const canvas = useRef<HTMLCanvasElement>(null)
  const labels = months.map(({ month }) => monthText(month, locale))
  const data = months.map(({ fileTransfers }) => fileTransfers)
  const shown = JSON.stringify([labels, data, chosenScheme])
  useEffect(() => {
    if (!canvas.current) return
    const colorOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const ticks = { color: colorOf('--ds-color-neutral-text-subtle'), precision: 0 }
    const chart = new Chart(canvas.current, {
      type: 'bar',
      data: { labels, datasets: [{ data, backgroundColor: colorOf('--ds-color-accent-base-default') }] },
      options: {
        locale,
        animation: false,
        maintainAspectRatio: false,
        scales: {
          x: { ticks, grid: { display: false } },
          y: { ticks, beginAtZero: true, grid: { color: colorOf('--ds-color-neutral-border-subtle') } },
        },
      },
    })
    return () => chart.destroy()
  }, [shown])
  return (
    <div className="chart">
      <canvas
        ref={canvas}
        role="img"
        aria-label={texts.chart(labels.map((label, index) => `${label} ${data[index]}`).join(', '))}
      />
    </div>
  )
}
