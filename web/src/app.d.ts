import type { IncomingMessage } from 'node:http';
import type { KeepPage } from '#shared/kept-page.ts';
import type { Site } from '#shared/site.ts';

declare global {
  namespace App {
    interface Platform {
      /** The request as Node has it; the server in front may lend a way to keep its page. */
      req: IncomingMessage & { keepPage?: KeepPage };
    }
    interface PageData {
      /** Missing only where even the layout could not be made. */
      site?: Site;
    }
    interface Error {
      /** What the server's log knows this failure by; only for defects. */
      incident?: string;
    }
  }
}
