import type { IncomingMessage } from 'node:http';
import type { Site } from '#shared/site.ts';

declare global {
  namespace App {
    interface Platform {
      /** Node's request. */
      req: IncomingMessage;
    }
    interface PageData {
      /** Missing only if the layout's data could not be loaded. */
      site?: Site;
    }
    interface Error {
      /** Id of the failure in the server's log; only for defects. */
      incident?: string;
    }
  }
}
