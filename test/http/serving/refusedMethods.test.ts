import { describe, expect, test } from 'vitest'
import { compileRoute, segmentsOf } from '../../../local/functionsHost/routes.js'
import { operations } from '../../../src/http/contract/contract.js'
import { refusingFunctions } from '../../../src/http/serving/refusedMethods.js'
import { fileTransferId } from '../../support/builders.js'

const ALL = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const
const API = 'broker/api/v1'

type Method = (typeof ALL)[number]
const row = (method: Method, path: string) => ({ method, path })

/** Whether the host finds the path by this route. */
const matches = (route: string, path: string) => compileRoute(route)(segmentsOf(path)) !== undefined

describe('a method that a path does not have', () => {
  const rows = Object.values(operations)
  const functions = refusingFunctions(rows)
  const paths = rows.map(({ path }) =>
    path.replaceAll('{resourceId}', 'letters').replaceAll(/\{\w+\}/g, fileTransferId),
  )
  const onPath = (path: string) => functions.filter(({ route }) => matches(route, path))

  test.each([...new Set(paths)])('is refused by one function, and one that it has by none: %s', (path) => {
    const own = rows.filter((each) => matches(each.path, path)).map(({ method }): Method => method)

    const answered = [...own, ...onPath(path).flatMap(({ methods }) => methods)].sort()

    expect(answered).toEqual(ALL)
  })

  test('may be HEAD where GET is served', () => {
    const refusals = onPath(`${API}/filetransfer/${fileTransferId}/download`)

    expect(refusals).toMatchObject([{ methods: expect.arrayContaining(['HEAD']), allow: 'GET' }])
  })

  test('is answered with all that the path has, in order', () => {
    const made = refusingFunctions([row('PUT', 'x/{id}'), row('GET', 'x/{name}'), row('POST', 'x')])

    expect(made.map(({ route, allow }) => [route, allow])).toEqual([
      ['x', 'POST'],
      ['x/{name}', 'GET, PUT'],
    ])
  })

  test('is not there when a path has them all', () => {
    expect(refusingFunctions(ALL.map((method) => row(method, 'x')))).toEqual([])
  })
})

describe('a literal beside an id', () => {
  const functions = refusingFunctions([
    row('GET', `${API}/filetransfer/{fileTransferId}`),
    row('POST', `${API}/filetransfer/upload`),
  ])

  test('has its own refusals, and the id refuses on GUIDs alone', () => {
    expect(functions.map(({ route, methods, allow }) => [route, methods.join(' '), allow])).toEqual([
      [`${API}/filetransfer/upload`, 'DELETE HEAD OPTIONS PATCH PUT', 'GET, POST'],
      [`${API}/filetransfer/{fileTransferId:guid}`, 'DELETE HEAD OPTIONS PATCH POST PUT', 'GET'],
    ])
  })

  test('keeps its methods when the id can be anything', () => {
    const made = refusingFunctions([row('GET', 'resource/{resourceId}'), row('POST', 'resource/list')])

    expect(made.map(({ route, methods }) => [route, methods.join(' ')])).toEqual([
      ['resource/list', 'DELETE HEAD OPTIONS PATCH PUT'],
    ])
  })
})

describe('the name of a refusing function', () => {
  test('is that of its path', () => {
    const names = refusingFunctions([
      row('GET', 'health'),
      row('POST', `${API}/filetransfer/{fileTransferId}/upload`),
    ]).map(({ name }) => name)

    expect(names).toEqual(['refuseMethodsOfHealth', 'refuseMethodsOfFiletransferByFileTransferIdUpload'])
  })

  test('is one that the Functions host takes, and no other function has', () => {
    const names = refusingFunctions(Object.values(operations)).map(({ name }) => name)

    for (const name of names) expect(name).toMatch(/^[A-Za-z]\w{0,126}$/)
    expect(new Set([...names, ...Object.keys(operations)]).size).toBe(names.length + Object.keys(operations).length)
  })
})
