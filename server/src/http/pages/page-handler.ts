import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathToFileURL } from 'node:url';
import type { Log } from '#server/log.ts';

/** SvelteKit's handler, as adapter-node builds it. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

/** Set by this process alone: a value sent by a client is overwritten. */
const PROTOCOL_HEADER = 'x-frontrow-protocol';

/** Loads the built pages. adapter-node reads these names from the environment once, while it is imported. */
export async function loadPages(handlerFile: string): Promise<PageHandler> {
  // The only write to the environment: adapter-node has no other configuration.
  process.env['PROTOCOL_HEADER'] = PROTOCOL_HEADER;
  process.env['HOST_HEADER'] = 'host';
  process.env['PORT_HEADER'] = '';
  const built = (await import(pathToFileURL(handlerFile).href)) as { handler: PageHandler };
  return built.handler;
}

/**
 * Headers that overwrite the client's Host and protocol: with a foreign Host, SvelteKit would send its own requests
 * there. Links on pages are relative, so one fixed origin is right for every host name that reaches this machine.
 */
export function originHeaders(origin: string): Record<string, string> {
  const { protocol, host } = new URL(origin);
  return { host, [PROTOCOL_HEADER]: protocol.slice(0, -1) };
}

/** Runs SvelteKit's handler and never rejects: a defect is logged and answered 500, an unknown path 404. */
export async function runHandler(
  handler: PageHandler,
  request: IncomingMessage,
  response: ServerResponse,
  log: Pick<Log, 'error'>,
): Promise<void> {
  // Pages set this header themselves; static files need it as well.
  response.setHeader('x-content-type-options', 'nosniff');
  try {
    await handler(request, response, () => endWith(response, 404));
  } catch (error) {
    log.error({ err: error }, 'A page could not be rendered');
    endWith(response, 500);
  }
}

function endWith(response: ServerResponse, status: number): void {
  // A client must not take half a page for a whole one.
  if (response.headersSent) return void response.destroy();
  response.statusCode = status;
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  response.end();
}
