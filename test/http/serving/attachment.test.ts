import { describe, expect, test } from 'vitest'
import { attachment } from '../../../src/http/serving/attachment.js'

describe('the name that a file is downloaded under', () => {
  test.each([
    ['report.pdf', "attachment; filename=report.pdf; filename*=UTF-8''report.pdf"],
    ['my file æøå.zip', `attachment; filename="my file ___.zip"; filename*=UTF-8''my%20file%20%C3%A6%C3%B8%C3%A5.zip`],
    ['a"b.txt', `attachment; filename="a\\"b.txt"; filename*=UTF-8''a%22b.txt`],
  ])('%s', (fileName, header) => {
    expect(attachment(fileName)).toBe(header)
  })

  test.each(['a\r\nx-evil: 1', '\u0000', '\ud800', '😀'])('makes a header of any name: %j', (fileName) => {
    expect(attachment(fileName)).toMatch(/^attachment; filename=[\x20-\x7e]+$/)
  })
})
