import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../../local/paths.js'

const answers = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Whether programs in C# can be compiled here. */
export const hasDotnet = answers('dotnet', '--version')
export const hasPowerShell = answers('pwsh', '-NoProfile', '-Command', 'exit')

/**
 * The settings of .NET for a program that ends within seconds: what it would gain from measuring its own code, and
 * from collecting garbage beside its work, costs more.
 */
export const SHORT_LIVED = { DOTNET_TieredPGO: '0', DOTNET_gcConcurrent: '0' }

/** The compiler reports its own findings, and no server of it outlives the build. Read as properties of the build. */
const BUILD = { RunAnalyzers: 'false', UseSharedCompilation: 'false' }

/**
 * A program of another tool: a copy of the folder `source` under `test`, so that what is built beside its sources is in
 * nobody's way.
 */
export async function copyOfProgram(source: string, name: string) {
  const folder = join(projectRoot, 'node_modules/.cache', name)
  await mkdir(dirname(folder), { recursive: true })
  await cp(join(projectRoot, 'test', source), folder, { recursive: true })
  return {
    folder,

    /** Runs a command in the folder. Resolves to what it printed. @throws with that when it fails. */
    run: (command: string, args: string[], env: Record<string, string> = {}): Promise<string> =>
      promisify(execFile)(command, args, {
        cwd: folder,
        env: { ...process.env, ...SHORT_LIVED, ...BUILD, ...env },
        maxBuffer: 16 * 2 ** 20,
      }).then(
        ({ stdout }) => stdout,
        (error: Error & { stdout: string }) => Promise.reject(new Error(`${error.message}\n${error.stdout}`)),
      ),
  }
}
