import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe } from 'vitest'
import { findCompiler, PLACE, root } from '../../tools/bicep/compiler.ts'
import { SHORT_LIVED } from '../support/otherPrograms.js'
import type { Resource } from './snapshot.js'

const bicep = findCompiler()

/** Tests that need the compiler. Without it they are skipped, and say so; in CI they fail. */
export const describeWithBicep = bicep || process.env.CI ? describe : describe.skip
if (!bicep) console.warn('SKIPPED: there is no Bicep here')

/** The resources that a module declares with these parameters, evaluated by the compiler. */
export function resourcesOf(module: string, params: Record<string, unknown>): Resource[] {
  if (!bicep) throw new Error('There is no Bicep here.')
  const folder = mkdtempSync(join(tmpdir(), 'bicep-'))
  try {
    const using = relative(folder, join(root, module))
    const values = Object.entries(params).map(([name, value]) => `param ${name} = ${literal(value)}`)
    writeFileSync(join(folder, 'module.bicepparam'), [`using '${using}'`, ...values, ''].join('\n'))
    const where = ['--resource-group', 'rg', '--deployment-name', 'module', ...PLACE]
    execFileSync(bicep, ['snapshot', join(folder, 'module.bicepparam'), ...where], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...SHORT_LIVED },
    })
    const { predictedResources } = JSON.parse(readFileSync(join(folder, 'module.snapshot.json'), 'utf8'))
    return predictedResources
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A value as Bicep writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('${', '\\${')}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, member]) => `${name}: ${literal(member)}`)
  return `{ ${members.join(', ')} }`
}
