import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

// Comments cite the specification as `spec 6.5` (the HTTP interface) or `processing 11.1`: what they cite is there.

const PAGES = { spec: 'docs/specification/http-api.md', processing: 'docs/specification/processing.md' }
const CITATION = /(?<![\w-])(spec|processing) (\d+(?:\.\d+)?(?:(?:, | and )\d+\.\d+)*)/gi

const chapters = Object.entries(PAGES).flatMap(([page, path]) =>
  [...readFileSync(path, 'utf8').matchAll(/^#{2,3} (\d+(?:\.\d+)?)\.? /gm)].map(([, number]) => `${page} ${number}`),
)

const sources = ['src', 'local', 'clients', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|dist)\//.test(name))
    .filter((name) => !name.endsWith('specification.test.ts'))
    .map((name) => `${folder}/${name}`),
)

const citations = sources.flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(CITATION)].flatMap(([, page = '', numbers = '']) =>
    numbers.split(/, | and /).map((number) => ({ path, chapter: `${page.toLowerCase()} ${number}` })),
  ),
)

describe('the specification', () => {
  test('has every chapter that a comment cites', () => {
    expect(citations.filter(({ chapter }) => !chapters.includes(chapter))).toEqual([])
  })

  test('is cited by both names', () => {
    const cited = citations.map(({ chapter }) => chapter)

    expect(cited).toContain('spec 6.5')
    expect(cited).toContain('processing 11.1')
  })

  test('has each chapter once', () => {
    expect(new Set(chapters).size).toBe(chapters.length)
  })
})
