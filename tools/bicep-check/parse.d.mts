/** A node of Bicep text: an expression or a statement, with the fields of its kind (see parse.mjs). */
export type Node = {
  node: string
  name?: string
  value?: Node | string | undefined
  key?: string
  items?: Node[]
  sides?: Node[]
  args?: Node[]
  body?: Node
  over?: Node
  parts?: Node[]
  [field: string]: unknown
}

export function parse(source: string): { statements: Node[]; errors: { start: number; message: string }[] }
