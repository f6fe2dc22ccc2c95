import { readFileSync, writeFileSync } from 'node:fs'
import { type Problem, problems } from '../../src/domain/problems.ts'
import { tusProblems } from '../../src/domain/tus/problems.ts'
import { type ErrorText, fileTransferErrors, ownerErrors } from './errorTexts.ts'
import { table, withGenerated } from './markdown.ts'
import { tusErrors } from './tusErrorTexts.ts'

// `npm run errors` writes the tables of docs/guide/errors.md from the catalogues of problems. What stands around the
// tables is written by hand.

/** The page that is generated from the catalogue of problems. */
export const ERRORS_PAGE = 'docs/guide/errors.md'

/** Every problem has a cause and a remedy: the compiler finds a missing one. */
const texts: Record<Problem, ErrorText> = { ...fileTransferErrors, ...ownerErrors }

function problemTable(names: string[]): string {
  const rows = (Object.keys(problems) as Problem[])
    .filter((name) => names.includes(name))
    .toSorted((one, other) => problems[one].code - problems[other].code)
    .map((name) => {
      const { code, status } = problems[name]
      const { cause, remedy } = texts[name]
      return [`BRO-${String(code).padStart(5, '0')}`, String(status), name, cause, remedy]
    })
  return table([['Code', 'Status', 'Name', 'Cause', 'What to do'], ...rows])
}

function tusTable(): string {
  const rows = (Object.keys(tusProblems) as (keyof typeof tusProblems)[]).map((name) => {
    const { status, detail } = tusProblems[name]
    const { cause, remedy } = tusErrors[name]
    return [String(status), detail, name, cause, remedy]
  })
  return table([['Status', 'Text', 'Name', 'Cause', 'What to do'], ...rows])
}

/** The page with its tables written anew. */
export const errorsPage = (page: string): string =>
  Object.entries({
    'file transfers': problemTable(Object.keys(fileTransferErrors)),
    'resources, owners, statistics': problemTable(Object.keys(ownerErrors)),
    TUS: tusTable(),
  }).reduce((written, [name, text]) => withGenerated(written, name, text), page)

if (process.argv[1] === import.meta.filename) {
  writeFileSync(ERRORS_PAGE, errorsPage(readFileSync(ERRORS_PAGE, 'utf8')))
}
