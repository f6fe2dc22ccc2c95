import type { HttpMethod } from '@azure/functions'
import type { z } from 'zod'
import type { Problem } from '../../domain/problems.js'
import type { FormNames } from '../input/multipart.js'

/** A good answer. */
export type Success = {
  status: 200 | 204
  /** Its JSON. What a handler answers must fit. */
  json?: z.ZodType
  /** The media type of a body that is not JSON. Neither: there is no body. */
  content?: string
  /** Headers of its own, which openApi.ts describes. */
  headers?: readonly string[]
  /** Other statuses with such a body, why they are answered, and the headers that come in addition. */
  also?: Record<number, { description: string; headers?: readonly string[] }>
}

/** One operation of the API. What is not here is not served. */
export type Operation = {
  /** What it does, in one line. */
  summary: string
  /** What a caller should know beyond that: preconditions, what follows, what a repeat does. */
  description: string
  /** For those who run the service, or for the service itself: not in the public document (spec 1). */
  isInternal?: boolean
  method: 'GET' | 'POST' | 'PUT'
  /** The whole path, with `{parameters}`. */
  path: string
  /** One of these in the token; none: open to everybody. */
  scopes: readonly string[]
  /** Who may call, where the scopes do not say it. */
  guard?: string
  params?: z.ZodObject
  /** Parameters of the query. Empty ones count as not given. */
  query?: z.ZodObject
  /** Headers of the operation's own. */
  headers?: z.ZodObject
  /**
   * A JSON body, what errors call it, and the member that it must have, if only as null (`isOptional`: none is as good
   * as an empty object); a form of fields and a file, by their names; the bytes of a file, which are streamed; or any
   * JSON, undefined where the body is none.
   */
  body?:
    | { schema: z.ZodObject; parameter: string; demanded?: string; isOptional?: true }
    | { schema: z.ZodObject; form: FormNames }
    | 'file'
    | 'json'
  /** The most bytes of a JSON body; undefined: 256 KiB. */
  maxJsonBytes?: number
  /**
   * The one media type that a request may declare; another is refused before any other check. Undefined: see `body`.
   */
  consumes?: 'application/json' | 'application/octet-stream' | 'multipart/form-data'
  /** The media type that an `Accept` header must allow. Undefined: any will do. */
  produces?: 'application/json' | 'application/octet-stream' | 'text/csv'
  success: Success
  problems: readonly Problem[]
}

/** Whether the body has the bytes of a file in it. */
export const isUpload = ({ body }: Operation): boolean =>
  body === 'file' || (typeof body === 'object' && 'form' in body)

export const JSON_BODY = 'application/json'

/** One TUS resource: all methods of a path are one function. */
export type TusResource = {
  summary: string
  path: string
  methods: readonly HttpMethod[]
  scopes: readonly string[]
  /** What its methods are in the public document; undefined: it is not in it. */
  documented?: Partial<Record<HttpMethod, TusMethod>>
}

/** A method of a TUS resource, beside the refusals that all have. */
export type TusMethod = {
  name: string
  summary: string
  description: string
  headers?: readonly { name: string; description: string; isRequired?: boolean }[]
  /** Whether the body may or must hold bytes of the file. Undefined: there is no body. */
  body?: 'optional' | 'required'
  success: { status: number; description: string; headers?: readonly string[] }
  /** By status, in words. */
  refusals?: Record<number, string>
}

/** A row of the contract. */
export type Row = Operation | TusResource

/** The methods of a row: one, or all of a TUS resource. */
export const methodsOf = (row: Row): readonly HttpMethod[] => ('methods' in row ? row.methods : [row.method])
