// `npm run build`: compiles the app, the client and the console, each if what it is made from has changed. What was
// made from a file that is gone goes too: the Functions host would still load it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const client = 'clients/typescript/src/**/*.ts'
const shared = ['package.json', 'package-lock.json', 'tsconfig.json']
const PARTS = [
  {
    name: 'the app and its local stack',
    output: 'dist',
    sources: ['{src,local,tools,bench}/**/*.{ts,json}', client, 'tsconfig.build.json'],
    command: 'tsc -p tsconfig.build.json',
  },
  {
    name: 'the client',
    output: 'clients/typescript/dist',
    sources: [client, 'clients/typescript/tsconfig.json'],
    command: 'npm run --silent client',
  },
  {
    name: 'the console',
    output: 'clients/console/dist',
    sources: ['clients/console/*.*', 'clients/console/{src,public}/**/*.*', client],
    command: 'npm run --silent console',
  },
]

for (const { name, output, sources, command } of PARTS) {
  const files = globSync([...sources, ...shared]).sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(file))
  const made = { hash: hash.digest('hex'), files }

  const record = `node_modules/.cache/build/${output.replaceAll('/', '-')}.json`
  const before: typeof made | undefined = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : undefined
  if (before?.hash === made.hash && existsSync(output)) continue

  console.error(`Building ${name} ...`)
  if (before?.files.some((file) => !files.includes(file)) ?? true) rmSync(output, { recursive: true, force: true })
  rmSync(record, { force: true })
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
  if (status !== 0) process.exit(1)
  mkdirSync(dirname(record), { recursive: true })
  writeFileSync(record, JSON.stringify(made))
}
