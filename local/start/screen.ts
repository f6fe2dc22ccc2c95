/** Where lines are printed: a terminal, or what a program reads. */
export type Output = { isTTY?: boolean; columns?: number; write(text: string): unknown }

const CLEAR_LINE = '\r\x1b[2K'

/** Prints lines. On a terminal the pinned one stays the last on the screen. */
export function screen(output: Output) {
  let pinned = ''
  const print = (text: string) => {
    if (output.isTTY) output.write(`${CLEAR_LINE}${text}\n${pinned.slice(0, (output.columns ?? 80) - 1)}`)
    else output.write(`${text}\n`)
  }
  return {
    print,
    /** Prints `text` with this line below all that follows; without a terminal there is no such line. */
    pin(line: string, text: string): void {
      pinned = line
      print(text)
    },
    unpin(): void {
      pinned = ''
      if (output.isTTY) output.write(CLEAR_LINE)
    },
  }
}
