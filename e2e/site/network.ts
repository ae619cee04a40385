import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';

/** In bytes per second and milliseconds: what Chromium's own tools call "slow 3G", about as Lighthouse has it. */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

/** Everything that this page loads comes as over slow 3G from now on. */
export async function slowDown(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.emulateNetworkConditions', SLOW_3G);
}

/** A clock that is an hour ahead: what counts down on the page must count down the server's. */
export async function setClockAhead(page: Page): Promise<void> {
  await page.addInitScript('{ const now = Date.now; Date.now = () => now() + 3_600_000; }');
}

/** Lets so much time go by at once for a page that is open, by its own clock. */
export async function passTime(page: Page, ms: number): Promise<void> {
  await page.evaluate(`{ const now = Date.now; Date.now = () => now() + ${ms}; }`);
}

/** A proxy between browser and server, as some offices have one: it passes requests on, but no WebSocket. */
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
  // Either side may go away while the other still speaks; then the other is told by an end.
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  request.pipe(passed);
}

/** A network that fails at the first such command, before the server has it or after, until it is restored. */
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
      // The server has answered, or pushed what it did; nobody hears it.
      void socket.close();
    });
  });
  return { restore: () => (state = 'restored') };
}
