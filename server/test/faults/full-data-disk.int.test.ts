import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smallDisk } from '../support/database/small-disk.ts';
import { startServer } from '../support/server-process.ts';

const TIMEOUT_MS = 180_000;

it(
  '[F19] [F24] [I4] a server on a full data disk answers UNAVAILABLE, keeps running, and recovers by itself once there is room',
  { timeout: TIMEOUT_MS },
  async (t) => {
    const disk = await smallDisk(t);
    const server = await startServer({ DATA_DIR: disk.dataDir, MONGOMS_SYSTEM_BINARY: disk.binary });
    t.onTestFinished(async () => void (await server.end('SIGKILL')));
    const ask = async (path: string, body?: object) => {
      const post = body && { method: 'POST', body: JSON.stringify(body) };
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(server.url + path, { ...post, headers, signal: AbortSignal.timeout(15_000) });
      await response.text();
      return response.status;
    };
    const registration = () => ({ name: 'Alice', email: `${randomUUID()}@example.org`, password: 'correct horse' });
    const { name, ...alice } = registration();
    expect(await ask('/api/auth/register', { name, ...alice })).toBe(201);

    const port = await readFile(join(disk.dataDir, 'mongod.port'), 'utf8');
    const pid = Number(await readFile(join(disk.dataDir, 'mongo/mongod.lock'), 'utf8'));
    await disk.fill(`mongodb://127.0.0.1:${port}/?directConnection=true`, pid);
    await expect.poll(() => ask('/api/health/ready'), { timeout: 30_000 }).toBe(503);
    expect(await ask('/api/auth/register', registration())).toBe(503);
    // A restart of the database has failed too, so that the recovery takes more than one attempt.
    await expect.poll(() => server.output(), { timeout: 60_000 }).toContain('Trying again in');
    expect(await ask('/api/health/live')).toBe(200);

    await disk.free();
    await expect.poll(() => ask('/api/health/ready'), { timeout: 60_000 }).toBe(200);
    expect(await ask('/api/auth/register', registration())).toBe(201);
    expect(await ask('/api/auth/login', alice)).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
  },
);
