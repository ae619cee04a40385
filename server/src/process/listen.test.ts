import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { firstFreePort, isSubstitute, listen, ListenError, localAddress } from './listen.ts';

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

describe('listening', () => {
  test('PORT=0 takes any free port and says which', async () => {
    const app = http();
    const port = await listen(app, { port: 0, host: '127.0.0.1' });
    expect(port).toBe((app.server.address() as AddressInfo).port);
    expect(port).toBeGreaterThan(0);
  });

  test('a taken PORT is a sentence that names it', async () => {
    const port = await takenPort();
    const refusal = await listen(http(), { port, host: '127.0.0.1' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ListenError);
    expect(String(refusal)).toContain(`PORT ${port} on 127.0.0.1 is taken by another program.`);
  });

  test('without a PORT the next free one is taken', async () => {
    // Whoever has 5000 on this machine, it is not free now.
    await takenPort(5000).catch(() => undefined);
    const port = await listen(http(), { port: await firstFreePort('127.0.0.1'), host: '127.0.0.1' });
    expect(port).toBeGreaterThan(5000);
    expect(isSubstitute(null, port)).toBe(true);
  });

  test('a HOST of another machine is a sentence that names it', async () => {
    const refusal = await listen(http(), { port: 0, host: '192.0.2.1' }).catch((error: unknown) => error);
    expect(String(refusal)).toContain('HOST 192.0.2.1 is not an address of this machine.');
  });
});

test.each([
  ['127.0.0.1', 'http://localhost:5000'],
  ['::', 'http://localhost:5000'],
  ['192.0.2.7', 'http://192.0.2.7:5000'],
  ['2001:db8::1', 'http://[2001:db8::1]:5000'],
])('HOST=%s is opened at %s', (host, address) => {
  expect(localAddress(host, 5000)).toBe(address);
});

test('a port that was asked for is no substitute', () => {
  expect(isSubstitute(5001, 5001)).toBe(false);
  expect(isSubstitute(null, 5000)).toBe(false);
});
