import { readFileSync, writeFileSync } from 'node:fs'

// Inside `npm version`, which has just written the new number to package.json: what is unreleased in the changelog
// becomes this release, and the client gets its number. `node tools/release.ts notes` prints what the changelog says of
// the release in package.json.

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const changelog = readFileSync('CHANGELOG.md', 'utf8')

/** What stands below a heading, up to the next release. */
function below(heading: string): string {
  const [, text] = changelog.split(new RegExp(`^## \\[${heading}\\].*$`, 'm'))
  return text?.split(/^## \[/m)[0]?.trim() ?? ''
}

if (process.argv[2] === 'notes') {
  const notes = below(version.replaceAll('.', '\\.'))
  if (notes === '') throw new Error(`CHANGELOG.md has no release ${version}.`)
  console.log(notes)
} else {
  if (below('Unreleased') === '') throw new Error('CHANGELOG.md has nothing that is unreleased.')
  const released = `## [Unreleased]\n\n## [${version}] - ${new Date().toISOString().slice(0, '2026-11-27'.length)}`
  writeFileSync('CHANGELOG.md', changelog.replace('## [Unreleased]', released))
  const client = 'clients/typescript/package.json'
  const text = readFileSync(client, 'utf8')
  writeFileSync(client, text.replace(/("version": )"[^"]*"/, `$1"${version}"`))
}
