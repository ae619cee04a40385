import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { testDatabaseUri } from '../support/database/test-database.ts';
import { freePort } from '../support/free-port.ts';
import type { Container, Image } from '../support/operations/image.ts';
import { buildImage, startContainer } from '../support/operations/image.ts';
import { HAS_NAMESPACES } from '../support/operations/sealed-machine.ts';

const BUILD_WITHIN_MS = 300_000;
const WITHIN_MS = 120_000;

/** Settings that a production start asks for. */
const SETTINGS = {
  JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters',
  PUBLIC_URL: 'https://tickets.example.org',
  TRUST_PROXY: '127.0.0.1',
};

const COMMIT = 'a1b2c3d4e5f6'.repeat(3);

function untilReady({ output }: Container): Promise<string> {
  return vi.waitUntil(() => /is ready at (http:\S+)/.exec(output())?.[1], { timeout: 60_000 });
}

describe.runIf(HAS_NAMESPACES)('the image that the Dockerfile builds', () => {
  let image: Image;
  beforeAll(async () => {
    const undos: (() => Promise<void>)[] = [];
    image = await buildImage({ onTestFinished: (undo) => void undos.push(undo) }, { GIT_COMMIT: COMMIT });
    return async () => {
      for (const undo of undos) await undo();
    };
  }, BUILD_WITHIN_MS);

  it(
    'serves pages as process 1, as an ordinary user, on a read-only root, and ends with 0 at SIGTERM',
    async (t) => {
      const PORT = String(await freePort());
      const container = await startContainer(t, image, { ...SETTINGS, PORT, MONGO_URI: testDatabaseUri() });
      await untilReady(container);
      expect(await container.health()).toBe(0);
      const health = await fetch(`http://127.0.0.1:${PORT}/api/health/ready`);
      expect(await health.json()).toMatchObject({ commit: COMMIT.slice(0, 12) });

      const page = await fetch(`http://127.0.0.1:${PORT}/`);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);

      const pid = await container.firstProcess();
      const status = await readFile(join('/proc', String(pid), 'status'), 'utf8');
      expect(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1]).toBe('1');
      expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).toBe('1000');
      expect(await container.exec(['touch', '/app/server/src/written'])).not.toBe(0);
      const folder = image.volumes[0] ?? '';
      expect(await container.exec(['node', 'server/src/cli/backup.ts', `${folder}/`])).toBe(0);
      expect(await readdir(container.volume)).toEqual([expect.stringMatching(/^frontrow-.*\.backup$/)]);

      process.kill(pid, 'SIGTERM');
      expect(await container.ended).toBe(0);
      expect(await container.health()).toBe(1);
    },
    WITHIN_MS,
  );

  it(
    'ends with 0 at SIGINT, and with 1 and a sentence for a wrong setting',
    async (t) => {
      const PORT = String(await freePort());
      const container = await startContainer(t, image, { ...SETTINGS, PORT, MONGO_URI: testDatabaseUri() });
      await untilReady(container);
      process.kill(await container.firstProcess(), 'SIGINT');
      expect(await container.ended).toBe(0);

      const wrong = await startContainer(t, image, { ...SETTINGS, PORT: 'abc', MONGO_URI: testDatabaseUri() });
      expect(await wrong.ended).toBe(1);
      expect(wrong.output()).toBe('PORT must be a whole number from 0 to 65535 (it is "abc").\n');
    },
    WITHIN_MS,
  );

  it('holds no tests, tools of development, secrets or data', async () => {
    const names = ['server/test', 'scripts', '.git', '.env', 'data', 'node_modules/vitest', 'node_modules/eslint'];
    for (const name of names) await expect(readFile(join(image.root, 'app', name)), name).rejects.toThrow('ENOENT');
  });
});
