import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { ENVIRONMENTS, root, settingsOf, textOf } from '../infra/snapshot.js'

const page = textOf('docs/operations/settings.md')
const sample = () => Object.keys(JSON.parse(textOf('local.settings.sample.json')).Values)

describe('the page of settings', () => {
  test('is what npm run settings writes', () => {
    expect(execFileSync(process.execPath, ['tools/pages/settings.ts'], { cwd: root, encoding: 'utf8' })).toBe(page)
  })

  test('has no setting without a description', () => {
    expect(page).not.toMatch(/\|\s+\|$/m)
  })

  test('has every setting of the sample', () => {
    expect(sample().filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })

  test.each(ENVIRONMENTS)('has every setting of %s', (environment) => {
    const names = Object.keys(settingsOf(environment))

    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})
