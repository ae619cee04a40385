import { untrack } from 'svelte';
import type { Reply } from '../connection/connection.svelte.ts';

const PAGE_SIZE = 20;

/** Rows of the server's list, and how many it has on all pages. */
interface RowPage<Row> {
  rows: readonly Row[];
  total: number;
}

/** Where the rows of a page come from. */
interface RowSource<Row, Search> {
  /** The page that is loaded first. */
  first: Search;
  /** Loads the page of a search, with at most `limit` rows. Never rejects. */
  load(search: Search, limit: number): Promise<Reply<RowPage<Row>>>;
  /** Calls back when the page may have changed; returns the function that ends this. */
  follow(changed: () => void): () => void;
  /** A shown row after an answer in which it stands so. */
  renewed(shown: Row, arrived: Row): Row;
}

/**
 * One page of a list that follows pushes. Shown rows change in place. Rows that join or leave the page are shown on a press
 * only, so that no row moves while it is being pressed.
 */
export class FollowedPage<Row extends { id: string }, Search extends { page: number }> {
  readonly #source: RowSource<Row, Search>;
  #search: Search = $state.raw() as Search;
  #shown: RowPage<Row> | null = $state.raw(null);
  #news: RowPage<Row> | null = $state.raw(null);
  #hasFailed = $state(false);
  /** Counts the requests, so that a late answer to an earlier one is dropped. */
  #asked = 0;
  /** The number of `show` calls without an answer. */
  #showing = 0;

  constructor(source: RowSource<Row, Search>) {
    this.#source = source;
    this.#search = source.first;
  }

  get search(): Search {
    return this.#search;
  }

  get shown(): RowPage<Row> | null {
    return this.#shown;
  }

  /** Whether the server's page has other rows than the shown one. */
  get hasNews(): boolean {
    return this.#news !== null;
  }

  /** Whether the last request was refused. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The number of pages, at least 1. */
  get pages(): number {
    return Math.max(1, Math.ceil((this.#shown?.total ?? 0) / PAGE_SIZE));
  }

  /** Loads the page, and again after pushes that may change it; returns the function that ends this. */
  start(): () => void {
    // An effect that calls `start` must not run again with every answer.
    return this.#source.follow(() => untrack(() => void this.#refresh()));
  }

  /** Shows another page or search. */
  async show(search: Search): Promise<void> {
    this.#search = search;
    this.#showing += 1;
    const page = await this.#load();
    this.#showing -= 1;
    if (page !== null) this.#put(page);
  }

  /** Shows the server's page instead of the shown one. */
  showNews(): void {
    if (this.#news !== null) this.#put(this.#news);
  }

  /** Changes shown rows in place. */
  protected changeRows(change: (row: Row) => Row): void {
    if (this.#shown !== null) this.#shown = { ...this.#shown, rows: this.#shown.rows.map(change) };
  }

  #put(page: RowPage<Row>): void {
    this.#shown = page;
    this.#news = null;
  }

  async #refresh(): Promise<void> {
    // The answer to a running `show` is as new as this one would be.
    if (this.#showing > 0) return;
    if (this.#shown === null) return this.show(this.#search);
    const page = await this.#load();
    if (page === null) return;
    const arrived = new Map(page.rows.map((row) => [row.id, row]));
    this.changeRows((row) => this.#source.renewed(row, arrived.get(row.id) ?? row));
    if (idsOf(page) === idsOf(this.#shown)) this.#put({ ...page, rows: this.#shown.rows });
    else this.#news = page;
  }

  /** Loads the searched page; null if it was refused, or if another request was sent meanwhile. */
  async #load(): Promise<RowPage<Row> | null> {
    this.#asked += 1;
    const asked = this.#asked;
    const reply = await this.#source.load(this.#search, PAGE_SIZE);
    if (asked !== this.#asked) return null;
    // A lost connection is shown elsewhere on the page, and the next connection loads again.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    return reply.ok ? reply.data : null;
  }
}

function idsOf({ rows }: RowPage<{ id: string }>): string {
  return rows.map(({ id }) => id).join();
}
