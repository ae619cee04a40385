import type { IncomingMessage } from 'node:http';
import type { AskApi } from '#shared/ask-api.ts';
import type { Site } from '#shared/site.ts';

declare global {
  namespace App {
    interface Platform {
      /** Node's request; with `askApi` unless the page is the same for everybody, and not in development. */
      req: IncomingMessage & { askApi?: AskApi };
    }
    interface Locals {
      /** Values of `Set-Cookie` headers from the API, for the answer to a form. */
      setCookies?: string[];
    }
    interface PageState {
      /** Key of the open dialog that this entry of the history belongs to (components/dialog-history.ts). */
      dialog?: string;
    }
    interface PageData {
      /** Missing only if the layout's data could not be loaded. */
      site?: Site;
      /** Of the running server, on the organisers' pages; null if it did not answer. */
      version?: string | null;
    }
    interface Error {
      /** Id of the failure in the server's log; only for defects. */
      incident?: string;
    }
  }
}
