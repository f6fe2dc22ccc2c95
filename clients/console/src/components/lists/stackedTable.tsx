import { Table } from '@digdir/designsystemet-react'
import type { ComponentChildren } from 'preact'

// A table whose rows are cards on a small screen. The roles are those of a table: some browsers forget them when its
// cells are laid out as blocks.

type TableProps = { caption: string; columns: string[]; children: ComponentChildren }

export const StackedTable = ({ caption, columns, children }: TableProps) => (
  <Table className="stacked" data-color="neutral" hover border role="table">
    <caption className="ds-sr-only">{caption}</caption>
    <Table.Head role="rowgroup">
      <Table.Row role="row">
        {columns.map((column) => (
          <Table.HeaderCell key={column} scope="col" role="columnheader">
            {column}
          </Table.HeaderCell>
        ))}
      </Table.Row>
    </Table.Head>
    <Table.Body role="rowgroup">{children}</Table.Body>
  </Table>
)

export const RowHeader = ({ children }: { children: ComponentChildren }) => (
  <Table.HeaderCell scope="row" role="rowheader">
    {children}
  </Table.HeaderCell>
)

/** `name`: the column, which is shown in a card. */
export const Cell = ({
  name,
  className,
  children,
}: {
  name: string
  className?: string
  children: ComponentChildren
}) => (
  <Table.Cell role="cell" data-label={name} className={className}>
    <div>{children}</div>
  </Table.Cell>
)
