/** How the files of `source` are mutated, one change at a time, on the tests that `test/mutation/{room}/tests.ts` names. */
export const mutating = (room, source) => ({
  mutate: [`${source}/**/*.ts`],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', dir: `test/mutation/${room}`, related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  // Values made while a module loads would need every test anew: most of the time for few of the decisions.
  ignoreStatic: true,
  concurrency: 2,
  // Not tsconfig.json: Stryker rewrites it by an API that TypeScript 7 does not have, and Vite needs none.
  ignorePatterns: ['*', '!src/**', '!test/**', '!package.json'],
  tempDirName: 'node_modules/.cache/stryker',
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: `build/mutation/${room}.html` },
  jsonReporter: { fileName: `build/mutation/${room}.json` },
})
