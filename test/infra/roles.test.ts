import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Node } from '../../tools/bicep-check/parse.mjs'
import { root, template, textOf } from './bicep.js'

/** Who needs which right on what, and for which library of Azure's in our code, or for what else. */
const NEEDS = [
  { who: 'app', role: 'StorageTableDataContributor', on: 'state', for: '@azure/data-tables' },
  { who: 'app', role: 'StorageBlobDataOwner', on: 'state', for: 'the Functions host: its locks, keys and package' },
  { who: 'app', role: 'StorageBlobDataContributor', on: 'scanned', for: '@azure/storage-blob' },
  { who: 'app', role: 'StorageBlobDataContributor', on: 'unscanned', for: '@azure/storage-blob' },
  { who: 'app', role: 'StorageBlobDelegator', on: 'scanned', for: 'signing links without a key' },
  { who: 'app', role: 'StorageBlobDelegator', on: 'unscanned', for: 'signing links without a key' },
  { who: 'app', role: 'ServiceBusDataSender', on: 'bus', for: '@azure/service-bus' },
  { who: 'app', role: 'ServiceBusDataReceiver', on: 'bus', for: '@azure/service-bus' },
  { who: 'app', role: 'MonitoringMetricsPublisher', on: 'insights', for: '@azure/monitor-opentelemetry' },
  { who: 'app', role: 'KeyVaultSecretsUser', on: 'vault', for: 'references in settings' },
  { who: 'topic', role: 'ServiceBusDataSender', on: 'bus', for: 'verdicts to a queue' },
  {
    who: 'topic',
    role: 'StorageBlobDataContributor',
    on: 'state::blobs::deadLetters',
    for: 'verdicts that did not arrive',
  },
  { who: 'gateway', role: 'MonitoringMetricsPublisher', on: 'insights', for: 'its traces' },
]

/** They reach no service by themselves. */
const WITHOUT_RIGHTS = ['@azure/functions', '@azure/identity']

const bicep = template('infra/modules/roles.bicep')
const property = (body: Node, name: string) => body.items?.find(({ key }) => key === name)?.value as Node

const assigned = bicep.resources('Microsoft.Authorization/roleAssignments').map(({ body, turn }) => ({
  who: /^(\w+)PrincipalId$/.exec(bicep.text(property(property(body, 'properties'), 'principalId')))?.[1],
  role: turn?.replace('roles.', ''),
  on: bicep.text(property(body, 'scope')),
}))

const filesIn = (folder: string, end: string) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`)

const inOrder = (rows: object[]) => rows.map((row) => JSON.stringify(row)).sort()

describe('the rights in Azure', () => {
  test('are exactly those that are needed', () => {
    expect(inOrder(assigned)).toEqual(inOrder(NEEDS.map(({ who, role, on }) => ({ who, role, on }))))
  })

  test('cover every service that the code has a library for', () => {
    const used = filesIn('src', '.ts').flatMap((path) =>
      [...textOf(path).matchAll(/'(@azure\/[\w-]+)'/g)].map(([, name]) => name),
    )
    const covered = NEEDS.map((need) => need.for).filter((reason) => reason.startsWith('@azure/'))

    expect([...new Set(used)].sort()).toEqual([...new Set([...covered, ...WITHOUT_RIGHTS])].sort())
  })

  test('have the name of the role beside each id', () => {
    const { source } = bicep
    const rows = [...source.matchAll(/^ {2}(\w+): '[0-9a-f-]{36}' \/\/ (.+)$/gm)].map(([, key, name = '']) => [
      key,
      name.replace(/^Azure | /g, ''),
    ])

    expect(rows.map(([key]) => key).sort()).toEqual([...new Set(NEEDS.map(({ role }) => role))].sort())
    for (const [key, name] of rows) expect(name).toBe(key)
  })

  test('are given nowhere else', () => {
    const giving = filesIn('infra', '.bicep').filter((path) =>
      textOf(path).includes('Microsoft.Authorization/roleAssignments@'),
    )

    expect(giving).toEqual(['infra/modules/roles.bicep'])
  })
})
