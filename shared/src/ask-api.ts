/** What the API answered to a request that a page made for its visitor. */
export interface ApiAnswer {
  status: number;
  /** The JSON of the answer; null without a body. */
  body: unknown;
  /** The values of its `Set-Cookie` headers, for the visitor's browser. */
  setCookies: string[];
}

/**
 * Sends a POST request to this server's own API in the visitor's name: with the visitor's cookies, language, browser
 * and address, which the limits of the API count by. `path` starts after "/api". The server gives it to the pages
 * beside a request for a page that is rendered for one visitor, and that of a form that a browser sends by itself.
 */
export type AskApi = (path: string, input: unknown) => Promise<ApiAnswer>;
