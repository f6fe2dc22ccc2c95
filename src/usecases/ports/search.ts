import type { FileTransferId } from '../../domain/fileTransfer/state.js'
import type { SearchProjection, SearchQuery } from '../../domain/projections/search.js'

/** The head of an actor's rows for one transfer: the fact that set them, and their keys. */
export type SearchHead = { sequence: number; keys: string[] }

/** Where a page of search results ended: results go on after it. */
export type SearchPosition = { at: Date; fileTransferId: FileTransferId }

/** A page of results, in the order of the query; `next` is undefined on the last page. */
export type SearchPage = { ids: FileTransferId[]; next: SearchPosition | undefined }

/** Search rows by actor (an organisation in a role). They are derived from the transfers, and may lag behind them. */
export type SearchIndex = {
  /** The head of the actor's rows; undefined when there is none. */
  readHead(projection: SearchProjection): Promise<SearchHead | undefined>
  /**
   * Replaces the actor's rows by those of a later state of the transfer; does nothing when theirs is as late. The rows
   * that are there are taken to be those of the projection that is `replaced` (undefined: none); where they are others,
   * or nothing is given, the head is read. Where no row is left the head stays, so that an earlier state brings none
   * back.
   */
  project(projection: SearchProjection, known?: { replaced: SearchProjection | undefined }): Promise<void>
  /** Removes the actor's rows for the transfer, if there are any. */
  remove(of: Pick<SearchProjection, 'actor' | 'fileTransferId'>): Promise<void>
  /** The next `limit` transfers that the query finds, in its order, each once. */
  search(query: SearchQuery, after: SearchPosition | undefined, limit: number): Promise<SearchPage>
}
