/** A table of Markdown as the formatter writes it. The first row is the heading. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
  return lines.toSpliced(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`).join('\n')
}

/**
 * The page with `text` between `<!-- generated: name -->` and `<!-- end -->`.
 * @throws when the page has no such place.
 */
export function withGenerated(page: string, name: string, text: string): string {
  const start = `<!-- generated: ${name} -->`
  const [before = '', after] = page.split(start)
  const end = after?.indexOf('<!-- end -->') ?? -1
  if (after === undefined || end < 0) throw new Error(`The page has no place for ${name}.`)
  return `${before}${start}\n\n${text}\n\n${after.slice(end)}`
}
