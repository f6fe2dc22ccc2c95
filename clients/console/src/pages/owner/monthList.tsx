import { Button, Paragraph, Table } from '@digdir/designsystemet-react'
import { useState } from 'preact/hooks'
import type { OwnerStatistics } from '../../../../typescript/src/index.js'
import { Cell, RowHeader, StackedTable } from '../../components/lists/stackedTable.js'
import { ProblemAlert } from '../../components/problemAlert.js'
import { sizeText } from '../../format/numbers.js'
import { monthText } from '../../format/times.js'
import { useSession, useTexts } from '../../state/context.js'
import { saveText } from '../../state/download.js'
import { MonthChart } from './monthChart.js'
import { Count } from './todayTables.js'

/** The last months as a chart and as a table, and each as a CSV file. */
export function MonthList({ months }: { months: OwnerStatistics['months'] }) {
  const { owner: texts, locale } = useTexts()
  const { broker } = useSession()
  const [error, setError] = useState<unknown>()
  const download = async (name: string) => {
    setError(undefined)
    const [year, month] = name.split('-').map(Number)
    if (year === undefined || month === undefined) return
    try {
      saveText(await broker.getMonthlyStatistics({ year, month }), `monthly_statistics_${name}.csv`)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <>
      <MonthChart months={months.toReversed()} />
      {error !== undefined && <ProblemAlert error={error} />}
      <StackedTable caption={texts.months} columns={[texts.month, texts.fileTransfers, texts.size, texts.download]}>
        {months.map(({ month, fileTransfers, sizeBytes, isCapped }) => (
          <Table.Row key={month} role="row">
            <RowHeader>{monthText(month, locale)}</RowHeader>
            <Cell name={texts.fileTransfers}>
              <Count count={fileTransfers} isCapped={isCapped} />
            </Cell>
            <Cell name={texts.size}>{sizeText(sizeBytes, locale)}</Cell>
            <Cell name={texts.download}>
              <Button
                variant="secondary"
                data-size="sm"
                aria-label={texts.downloadMonth(monthText(month, locale))}
                onClick={() => void download(month)}
              >
                CSV
              </Button>
            </Cell>
          </Table.Row>
        ))}
      </StackedTable>
      {months.some(({ isCapped }) => isCapped) && <Paragraph>{texts.isCapped}</Paragraph>}
    </>
  )
}
