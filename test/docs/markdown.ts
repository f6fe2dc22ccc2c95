const FENCE = /^ *```([^`\n]*)\n([\s\S]*?)^ *```$/gm

export const fencesIn = (text: string) =>
  [...text.matchAll(FENCE)].map(([all, language = '', body = '']) => ({ all, language, body }))

export const outsideFences = (text: string) => text.replace(FENCE, '')

/** The code in the running text. */
export const spansIn = (text: string) => [...outsideFences(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)

export const linksIn = (text: string) =>
  [...outsideFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

/** The rows of all tables, as their cells. */
export const rowsIn = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))

/** Of the headings, as GitHub makes them. */
export const anchorsIn = (text: string) =>
  [...outsideFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
