import type { IncomingMessage } from 'node:http';
import type { Site } from '#shared/site.ts';

declare global {
  namespace App {
    interface Platform {
      /** The request as Node has it. */
      req: IncomingMessage;
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
