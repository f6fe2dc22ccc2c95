import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// What the compiler makes of the templates for each environment (`npm run snapshots`); `npm run check:infra` fails when
// the snapshots differ from it.

export const root = join(import.meta.dirname, '../..')
export const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

export const ENVIRONMENTS = ['dev', 'test', 'prod'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

export type Resource = {
  id: string
  type: string
  name: string
  sku?: Record<string, unknown>
  properties: Record<string, unknown>
}

export const snapshotOf = (
  environment: Environment | 'deployer',
): { predictedResources: Resource[]; diagnostics: unknown[] } =>
  JSON.parse(textOf(`infra/environments/${environment}.snapshot.json`))

/** The resources of a type, as `Microsoft.ServiceBus/namespaces/queues`. */
export const resourcesOf = (environment: Environment, type: string): Resource[] =>
  snapshotOf(environment).predictedResources.filter((resource) => resource.type === type)

/** The last part of a name: `sb-broker/due` is the queue `due`. */
export const lastOf = ({ name }: Resource): string => name.slice(name.lastIndexOf('/') + 1)

/** The one resource of a type. @throws if there is none, or another. */
export function onlyOf(environment: Environment, type: string): Resource {
  const [found, another] = resourcesOf(environment, type)
  if (found === undefined || another !== undefined) throw new Error(`Not one ${type} in ${environment}`)
  return found
}

export type Site = {
  functionAppConfig: {
    siteUpdateStrategy: { type: string }
    scaleAndConcurrency: { maximumInstanceCount: number; instanceMemoryMB: number }
  }
  siteConfig: {
    ipSecurityRestrictionsDefaultAction: string
    ipSecurityRestrictions: unknown
    scmIpSecurityRestrictionsDefaultAction: string
    appSettings: { name: string; value: string }[]
  }
}

export const siteOf = (environment: Environment) => onlyOf(environment, 'Microsoft.Web/sites').properties as Site

/** What is known only when a resource is there: an expression still. */
export const isLater = (value: unknown) => typeof value === 'string' && value.startsWith('[')

/** The settings of the app. */
export const settingsOf = (environment: Environment): Record<string, string> =>
  Object.fromEntries(siteOf(environment).siteConfig.appSettings.map(({ name, value }) => [name, value]))
