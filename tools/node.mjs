// Node 22.18 runs TypeScript as it is, which tools and tests rely on. `--fetch`, after an installation, gets one for
// npm's scripts where the present Node.js is older: into .local, and linked where the scripts look first. Decision 38.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'

const FETCHED = '22.23.3'

const isAtLeast = (version, major, minor) => {
  const [first, second] = version.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}

const isFetching = process.argv.includes('--fetch')
const [, npmVersion = ''] = /^npm\/([\d.]+)/.exec(process.env.npm_config_user_agent ?? '') ?? []
if (isFetching && npmVersion && !isAtLeast(npmVersion, 11, 19)) {
  console.log(`npm 11.19 or newer is wanted; this is ${npmVersion}, which ran every install script, allowed or not.`)
}

if (isAtLeast(process.versions.node, 22, 18)) process.exit()

const needed = `Node 22.18 or newer is needed; this is ${process.versions.node}.`
if (!isFetching) {
  console.error(`${needed} See .nvmrc, or let \`npm ci\` fetch one for npm's scripts.`)
  process.exit(1)
}
try {
  const folder = `.local/node-${FETCHED}`
  if (!existsSync(`${folder}/node`)) {
    const platform = process.platform === 'win32' ? 'win' : process.platform
    const fetch = ['exec', '--yes', `--package=node-${platform}-${process.arch}@${FETCHED}`, '--']
    const command = [process.env.npm_execpath, ...fetch, 'node', '-p', 'process.execPath']
    mkdirSync(folder, { recursive: true })
    cpSync(execFileSync(process.execPath, command, { encoding: 'utf8' }).trim(), `${folder}/node`)
  }
  rmSync('node_modules/.bin/node', { force: true })
  symlinkSync(`../../${folder}/node`, 'node_modules/.bin/node')
  console.log(`${needed} npm's scripts use ${FETCHED}, which was fetched for them. See .nvmrc.`)
} catch {
  console.log(`${needed} None could be fetched for this machine. See .nvmrc.`)
}
