import { globSync } from 'node:fs'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { tasks } from '../../src/usecases/operating/maintenance.js'

// On Flex Consumption all HTTP functions are one function group, and every other function is a group of its own.

type Registered = { name: string; trigger: string; on?: string | undefined; schedule?: string | undefined }
type Options = { queueName?: string; topicName?: string; schedule?: string; trigger?: { type: string } }

const registered: Registered[] = []
const settings = { tasksByName: false }

vi.mock('@azure/functions', () => {
  const register = (trigger: string) => (name: string, options: Options) =>
    void registered.push({
      name,
      trigger: options.trigger?.type ?? trigger,
      on: options.queueName ?? options.topicName,
      schedule: options.schedule,
    })
  const app = {
    http: register('http'),
    timer: register('timer'),
    serviceBusQueue: register('serviceBus'),
    serviceBusTopic: register('serviceBus'),
    generic: register('generic'),
    hook: { appTerminate: () => {} },
    setup: () => {},
  }
  return { app, trigger: { generic: (options: object) => options } }
})
vi.mock('../../src/app.js', () => ({
  broker: { tasks },
  serve: () => ({}),
  serveTus: () => ({}),
  refuse: () => ({}),
  messageHandler: () => ({}),
  stop: () => {},
  admitStatistics: () => {},
  admitWebhook: () => {},
  hostingEnvironment: 'Test',
  get tasksByName() {
    return settings.tasksByName
  },
}))

/** Every function of the app, with tasks by name or without. */
async function functionsOf(tasksByName: boolean): Promise<Registered[]> {
  settings.tasksByName = tasksByName
  for (const file of globSync('src/functions/*/*.ts')) await import(`../../${file}`)
  return registered
}
beforeEach(() => {
  registered.splice(0)
  vi.resetModules()
})

describe('the function groups in Azure', () => {
  test('are HTTP, one timer, and one for each queue and subscription', async () => {
    const others = (await functionsOf(false)).filter(({ trigger }) => trigger !== 'http')

    expect(others.map(({ name, trigger, on }) => [name, on ?? trigger]).toSorted()).toEqual([
      ['deliverEvent', 'event-delivery'],
      ['fanOutEvents', 'filetransfer-events'],
      ['maintain', 'timer'],
      ['meetDeadline', 'due'],
      ['processUpload', 'upload-processing'],
      ['recordScanResult', 'malware-scan-results'],
      ['recordStatistics', 'filetransfer-events'],
    ])
  })

  test('have a timer that ticks twice a minute', async () => {
    const timer = (await functionsOf(false)).find(({ trigger }) => trigger === 'timer')

    expect(timer?.schedule).toBe('*/30 * * * * *')
  })
})

describe('tasks by name', () => {
  test('are functions that nothing runs by itself', async () => {
    const byHand = (await functionsOf(true)).filter(({ trigger }) => trigger === 'manualTrigger')

    expect(byHand.map(({ name }) => name)).toEqual(Object.keys(tasks))
  })
})
