import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root, textOf } from './snapshot.js'

const json = (path: string) => JSON.parse(textOf(path))

const workflows = globSync('.github/**/*.{yml,yaml}', { cwd: root }).filter((path) => !path.endsWith('dependabot.yml'))
const linesOf = (path: string) => textOf(path).split('\n')
const foldersOf = (pattern: string) =>
  globSync(pattern, {
    cwd: root,
    exclude: (path: string) => /(^|\/)(node_modules|dist|build|\.local)$/.test(path),
  }).map((path) => `/${dirname(path)}`.replace('/.', '/'))

/** `uses:` of what is not ours, with its line. */
const actions = workflows.flatMap((path) =>
  linesOf(path)
    .filter((line) => /^\s*(- )?uses:/.test(line) && !/uses: \.\//.test(line))
    .map((line) => [path, line.trim().replace(/^- /, '')] as const),
)

describe('a workflow', () => {
  test('is among those that are looked at', () => {
    expect(workflows).toEqual(
      expect.arrayContaining(['ci', 'deploy', 'deployTo'].map((name) => `.github/workflows/${name}.yml`)),
    )
    expect(actions.length).toBeGreaterThan(5)
  })

  test('uses actions by their commit, with the version beside it', () => {
    const byCommit = /^uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

    expect(actions.filter(([, line]) => !byCommit.test(line))).toEqual([])
  })

  test('uses one commit of each action', () => {
    const commits = new Map(actions.map(([, line]) => [line.split('@')[0], line]))
    expect(new Set(actions.map(([, line]) => line))).toEqual(new Set(commits.values()))
  })

  const matches = (pattern: RegExp, path: string): string[] => textOf(path).match(pattern) ?? []

  test('may only read the repository', () => {
    const isWriting = (path: string) =>
      matches(/[\w-]+: write(-all)?$/gm, path).length > matches(/id-token: write$/gm, path).length

    expect(workflows.filter((path) => !/^permissions:\n {2}contents: read\n\n/m.test(textOf(path)))).toEqual([])
    expect(workflows.filter(isWriting)).toEqual([])
  })

  test('leaves no token in a checkout', () => {
    const checkouts = /uses: actions\/checkout@.*/g
    const withoutToken = /uses: actions\/checkout@.*\n\s+with:\n\s+persist-credentials: false\n/g

    expect(workflows.filter((path) => matches(checkouts, path).length !== matches(withoutToken, path).length)).toEqual(
      [],
    )
  })

  test('audits what is deployed, and keeps a bill of materials beside it', () => {
    const text = textOf('.github/workflows/ci.yml')

    expect(text).toMatch(/^ {2}audit:\n[\s\S]*- run: npm audit --omit=dev --audit-level=high\n/m)
    expect(textOf('.github/workflows/deploy.yml')).toMatch(/^ {2}dev:\n.*\n {4}needs: ci\n/m)
    expect(text).toMatch(
      /- run: npm sbom .*> build\/sbom\.cdx\.json\n[\s\S]*upload-artifact[\s\S]*build\/app\.zip\n\s+build\/sbom\.cdx\.json\n/,
    )
  })
})

describe('dependabot', () => {
  test('looks at every package, the images and the actions, each week', () => {
    const text = textOf('.github/dependabot.yml')
    const folders = foldersOf('**/package.json')

    expect(folders).toContain('/clients/typescript')
    const listed = [...text.matchAll(/directories:\s+\[(.*)\]/g)].map(([, names = '']) => names.split(', ').sort())
    expect(listed).toEqual([folders.sort(), foldersOf('**/*.csproj').sort()])
    expect(text.match(/package-ecosystem: .*/g)).toEqual([
      'package-ecosystem: npm',
      'package-ecosystem: nuget',
      'package-ecosystem: docker',
      'package-ecosystem: docker-compose',
      'package-ecosystem: github-actions',
    ])
    expect(text.match(/interval: weekly/g)).toHaveLength(5)
  })
})

describe('an install script', () => {
  test('runs only where it is allowed, and each is allowed or refused by name', () => {
    const { packages } = json('package-lock.json') as { packages: Record<string, { hasInstallScript?: true }> }
    const withScripts = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    const { allowScripts } = json('package.json') as { allowScripts: Record<string, boolean> }

    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScripts)].sort())
    expect(Object.values(allowScripts).every((each) => typeof each === 'boolean')).toBe(true)
    expect(textOf('.npmrc')).toMatch(/^strict-allow-scripts=true$/m)
  })

  test('that is not allowed does not run in the workflow, whose npm is new enough to refuse it', () => {
    const installs = workflows.flatMap(linesOf).filter((line) => /\bnpm (ci|i|install)\b/.test(line))

    expect(installs.map((line) => line.trim())).toEqual(['- run: npm install --global npm@11.19.1'])
    expect(textOf('.github/workflows/ci.yml')).toMatch(/npm@11\.19\.1\n\s+- run: \.ci\/run\n/)
  })
})

describe('the bill of materials', () => {
  test('lists every package that the app depends on as more than development', () => {
    const made = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    type Component = { name: string; group?: string; properties: { name: string }[] }
    const { bomFormat, components } = JSON.parse(made) as { bomFormat: string; components: Component[] }
    const deployed = components
      .filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'))
      .map(({ name, group }) => (group ? `${group}/${name}` : name))

    expect(bomFormat).toBe('CycloneDX')
    expect(deployed).toEqual(expect.arrayContaining(Object.keys(json('package.json').dependencies)))
    expect(deployed).not.toContain('vitest')
  })
})
