import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';

/** "Slow 3G" of Chromium's developer tools, about as in Lighthouse; in bytes per second and milliseconds. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** Slows the network of this page to slow 3G from now on. */
export async function slowDown(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
}

/** Sets the clock of a page an hour ahead: its countdowns must follow the server's clock. */
export async function setClockAhead(page: Page): Promise<void> {
  await page.addInitScript('{ const now = Date.now; Date.now = () => now() + 3_600_000; }');
}

/** Moves the clock of an open page `ms` forward at once. */
export async function passTime(page: Page, ms: number): Promise<void> {
  await page.evaluate(`{ const now = Date.now; Date.now = () => now() + ${ms}; }`);
}

/** A proxy between browser and server, as in some offices, which forwards requests but no WebSockets. */
export interface Proxy {
  url: string;
  close(): Promise<void>;
}

export async function startProxyWithoutWebSockets(target: string): Promise<Proxy> {
  const proxy = createServer((request, response) => passOn(target, request, response));
  proxy.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://localhost:${(proxy.address() as AddressInfo).port}`,
    async close() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

function passOn(target: string, request: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', headers, url = '/' } = request;
  const passed = ask(new URL(url, target), { method, headers, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  // Either side may close while the other still sends: then the other is closed, too.
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  request.pipe(passed);
}

/** Cuts the network at the first such command, so that the command or its answer is lost, until `restore`. */
export async function cutAt(page: Page, command: string, lost: 'command' | 'answer'): Promise<{ restore: () => void }> {
  let state: 'whole' | 'cut' | 'restored' = 'whole';
  await page.route(/\/socket\.io\//, (route) => (state === 'cut' ? route.abort() : route.continue()));
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (state === 'cut') return void socket.close();
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      if (state === 'cut') return;
      const isCut = state === 'whole' && String(message).includes(`["${command}"`);
      if (!isCut || lost === 'answer') server.send(message);
      if (isCut) {
        state = 'cut';
        if (lost === 'command') void socket.close();
      }
    });
    server.onMessage((message) => {
      if (state !== 'cut') return socket.send(message);
      // The server's answer or push is lost with the connection.
      void socket.close();
    });
  });
  return { restore: () => (state = 'restored') };
}
