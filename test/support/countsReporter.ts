import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a run with one line that counts its tests, for people and for CI. A file that could not be loaded, and an error
 * that nobody caught, count as failures.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>) {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length
    const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : ''
    const line = `${count('passed')} passed, ${count('failed') + broken + unhandled.length} failed${skipped}`
    process.on('exit', () => console.log(line))
  }
}
