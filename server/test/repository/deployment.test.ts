import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SETTING_NAMES } from '#server/config.ts';
import { NODE_FLAGS } from '../../../scripts/setup/flags.js';
import { readComposeFile } from '../support/operations/compose.ts';
import { isDockerIgnored, jsonWords, readDockerfile } from '../support/operations/dockerfile.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

const START = ['node', ...NODE_FLAGS, 'server/src/main.ts'];

describe('the Dockerfile', () => {
  const stages = readDockerfile(read('Dockerfile'));
  const last = stages.at(-1)?.instructions ?? [];
  const textOf = (keyword: string) => last.filter((instruction) => instruction.keyword === keyword).at(-1)?.text ?? '';

  test('builds on the exact version of Node that set-up fetches', () => {
    const version = /NODE_VERSION = '([\d.]+)'/.exec(read('scripts/setup/node.js'))?.[1];
    expect(stages.map(({ base }) => base)).toEqual(stages.map(() => `node:${version}-bookworm-slim`));
    expect(stages.length).toBeGreaterThan(1);
  });

  test('starts the server with the options of npm start, as an ordinary user, with a health check', () => {
    expect(jsonWords(textOf('CMD'))).toEqual(START);
    expect(textOf('USER')).toBe('1000:1000');
    expect(textOf('HEALTHCHECK')).toContain('/api/health/ready');
    expect(last.filter(({ keyword }) => keyword === 'VOLUME')).toHaveLength(1);
  });
});

describe('.dockerignore', () => {
  const ignoreFile = read('.dockerignore');

  test.each([
    '.env',
    '.git/config',
    'data/admin.txt',
    'node_modules/vite/package.json',
    'web/node_modules/x.js',
    'web/build/handler.js',
    'server/test/support/test-app.ts',
    'server/src/config.test.ts',
    'backups/frontrow.backup',
  ])('keeps %s out of the image', (file) => {
    expect(isDockerIgnored(file, ignoreFile)).toBe(true);
  });

  test.each(['package.json', 'server/src/main.ts', 'scripts/run.js', 'web/src/app.html', 'web/messages/en.json'])(
    'lets %s into the build',
    (file) => {
      expect(isDockerIgnored(file, ignoreFile)).toBe(false);
    },
  );
});

describe('the compose files', () => {
  const alone = readComposeFile('compose.yaml');
  const replicaSet = readComposeFile('compose.replica-set.yaml');
  /** What `docker compose -f compose.yaml -f compose.replica-set.yaml` reads, as far as names go. */
  const services = { ...alone.services, ...replicaSet.services };
  const volumes = { ...alone.volumes, ...replicaSet.volumes };
  const all = [alone, replicaSet].flatMap((file) => Object.entries(file.services));

  test('name images by exact versions, and Frontrow’s by its Dockerfile', () => {
    const images = all.flatMap(([, { image }]) => image ?? []);
    expect(new Set(images)).toEqual(new Set(['mongo:6.0.5', 'frontrow']));
    for (const [, { image, build }] of all) if (image === 'frontrow') expect(build).toBe('.');
  });

  test('depend on services and mount volumes that exist', () => {
    const named = all.flatMap(([, service]) => Object.keys(service.depends_on ?? {}));
    const shared = all.flatMap(([, { network_mode: mode }]) => mode?.replace('service:', '') ?? []);
    expect([...named, ...shared].filter((name) => !(name in services))).toEqual([]);
    const mounted = all.flatMap(([, service]) => service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    expect(mounted.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  test('pass settings that exist to Frontrow, and no secret by its value', () => {
    const passed = all.filter(([name]) => !name.startsWith('mongo')).map(([, { environment }]) => environment ?? {});
    const names = passed.flatMap(Object.keys);
    expect(names).toContain('PUBLIC_URL');
    expect(names.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    const secrets = passed.flatMap(({ JWT_SECRET, MONGO_URI, MONGO_ADMIN_URI }) =>
      [JWT_SECRET, MONGO_URI, MONGO_ADMIN_URI].filter((value) => value !== undefined),
    );
    expect(secrets.filter((value) => !value.includes('${'))).toEqual([]);
  });

  test('run Frontrow read-only, and publish it to this machine alone', () => {
    expect(alone.services['frontrow']).toMatchObject({ read_only: true, ports: ['127.0.0.1:5000:5000'] });
    expect(all.filter(([name]) => name.startsWith('mongo')).flatMap(([, { ports }]) => ports ?? [])).toEqual([]);
  });

  test('start all members of the database by one command', () => {
    const commands = ['mongo', 'mongo2', 'mongo3'].map((name) => services[name]?.entrypoint?.at(-1));
    expect(new Set(commands).size).toBe(1);
    expect(commands[0]).toContain('--keyFile');
  });
});

test('the systemd service starts the server with the options of npm start', () => {
  const command = /^ExecStart=\/usr\/bin\/env (.+)$/m.exec(read('ops/frontrow.service'))?.[1];
  expect(command?.split(' ')).toEqual(START);
});

describe('CHANGELOG.md', () => {
  const changelog = read('CHANGELOG.md');

  test('has a section for unreleased changes, and one for the version in package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const sections = [...changelog.matchAll(/^## \[([^\]]+)\](?: - \d{4}-\d{2}-\d{2})?$/gm)].map(([, name]) => name);
    expect(sections[0]).toBe('Unreleased');
    expect(sections).toContain(version);
  });

  test('groups changes as Keep a Changelog does', () => {
    const groups = [...changelog.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
    const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
    expect(groups.length).toBeGreaterThan(0);
    expect(groups.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });
});
