/** A rendered page as it goes over the wire, which may be sent again to anyone who asks for the same within its time. */
export interface KeptPage {
  headers: [name: string, value: string][];
  /** Compressed as `headers` say. */
  body: Uint8Array | string;
  /** How much longer it may be sent, in milliseconds. */
  freshMs: number;
}

/** Takes a page that the pages have rendered; the request it came with says what it answers. */
export type KeepPage = (page: KeptPage) => void;
