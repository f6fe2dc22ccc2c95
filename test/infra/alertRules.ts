import { resourcesOf } from './bicepCli.js'
import type { Resource } from './snapshot.js'

/** The parameters of infra/modules/alerts.bicep where all that it can watch is there. */
export const ALL = {
  name: 'broker',
  location: 'norwayeast',
  tags: {},
  emails: ['duty@example.org', 'other@example.org'],
  sms: [{ countryCode: '47', phoneNumber: '99999999' }],
  webhookUri: 'https://duty.example.org/alerts',
  insightsId: '/insights',
  workspaceId: '/workspace',
  logCapGB: 10,
  busId: '/bus',
  storageAccounts: ['state', 'scanned', 'unscanned', 'backups'].map((label) => ({ label, id: `/${label}` })),
  topicId: '/topic',
  appId: '/app',
  instanceLimit: 200,
  appUrl: 'https://app.example.org',
  gateway: { id: '/gateway', url: 'https://api.example.org' },
  scanCapGBPerMonth: 1000,
}

/** The same where there is least. */
export const LEAST = {
  name: ALL.name,
  location: ALL.location,
  tags: {},
  emails: [],
  insightsId: ALL.insightsId,
  busId: ALL.busId,
  appUrl: ALL.appUrl,
  scanCapGBPerMonth: -1,
}

export type Rule = { name: string; severity: number; scope: string; window: string; query: string }
export type MetricAlert = {
  name: string
  severity: number
  scope: string
  metric?: { namespace: string; name: string; above: number; aggregation: string; dimensions: Dimension[] }
}
type Dimension = { name: string; operator: string; values: string[] }

export const alertResources = (params: Record<string, unknown> = ALL): Resource[] =>
  resourcesOf('infra/modules/alerts.bicep', params)

export const rulesIn = (resources: Resource[]): Rule[] =>
  resources
    .filter(({ type }) => type === 'Microsoft.Insights/scheduledQueryRules')
    .map(({ name, properties }) => {
      const { severity, scopes, windowSize, criteria } = properties as {
        severity: number
        scopes: [string]
        windowSize: string
        criteria: { allOf: [{ query: string }] }
      }
      return { name, severity, scope: scopes[0], window: windowSize, query: criteria.allOf[0].query }
    })

export const metricAlertsIn = (resources: Resource[]): MetricAlert[] =>
  resources
    .filter(({ type }) => type === 'Microsoft.Insights/metricAlerts')
    .map(({ name, properties }) => {
      const { severity, scopes, criteria } = properties as {
        severity: number
        scopes: [string]
        criteria: { allOf?: [Record<string, never>] }
      }
      const rule = { name, severity, scope: scopes[0] }
      if (!criteria.allOf) return rule
      const [{ metricNamespace, metricName, threshold, timeAggregation, dimensions }] = criteria.allOf
      const metric = {
        namespace: metricNamespace as unknown as string,
        name: metricName as unknown as string,
        above: threshold as unknown as number,
        aggregation: timeAggregation as unknown as string,
        dimensions: dimensions as unknown as Dimension[],
      }
      return { ...rule, metric }
    })
