import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { firstFreePort, isSubstitutePort, listen, ListenError, localAddress } from './listen.ts';

function http() {
  const app = Fastify();
  onTestFinished(() => app.close());
  return app;
}

async function takenPort(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('listen', () => {
  test('takes any free port for PORT=0 and resolves with it', async () => {
    const app = http();
    const port = await listen(app, { port: 0, host: '127.0.0.1' });
    expect(port).toBe((app.server.address() as AddressInfo).port);
    expect(port).toBeGreaterThan(0);
  });

  test('names a taken PORT in its error', async () => {
    const port = await takenPort();
    const refusal = await listen(http(), { port, host: '127.0.0.1' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ListenError);
    expect(String(refusal)).toContain(`PORT ${port} on 127.0.0.1 is taken by another program.`);
  });

  test('takes the next free port if the default port is taken', async () => {
    // Port 5000 is taken from here on, by the test or by another program.
    await takenPort(5000).catch(() => undefined);
    const port = await listen(http(), { port: await firstFreePort('127.0.0.1'), host: '127.0.0.1' });
    expect(port).toBeGreaterThan(5000);
    expect(isSubstitutePort(null, port)).toBe(true);
  });

  test('names a HOST of another machine in its error', async () => {
    const refusal = await listen(http(), { port: 0, host: '192.0.2.1' }).catch((error: unknown) => error);
    expect(String(refusal)).toContain('HOST 192.0.2.1 is not an address of this machine.');
  });
});

test.each([
  ['127.0.0.1', 'http://localhost:5000'],
  ['::', 'http://localhost:5000'],
  ['192.0.2.7', 'http://192.0.2.7:5000'],
  ['2001:db8::1', 'http://[2001:db8::1]:5000'],
])('the local address for HOST=%s is %s', (host, address) => {
  expect(localAddress(host, 5000)).toBe(address);
});

test('a configured port and the default port are not reported as substitute ports', () => {
  expect(isSubstitutePort(5001, 5001)).toBe(false);
  expect(isSubstitutePort(null, 5000)).toBe(false);
});
