import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Lockfile {
  packages: Record<string, { version?: string }>;
}

/** The oldest version of each package without a known vulnerability (2026-11-23). */
const FLOORS: Readonly<Record<string, string>> = {
  'engine.io': '6.6.9',
  'socket.io-parser': '4.2.7',
  ws: '8.17.1',
  fastify: '5.12.1',
  '@fastify/static': '10.1.1',
  'fast-jwt': '6.2.4',
  devalue: '5.6.2',
};

/** The versions of all installed copies of a package, nested copies too. */
function installed({ packages }: Lockfile, name: string): string[] {
  return Object.entries(packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version }]) => version ?? '');
}

function isBelow(version: string, floor: string): boolean {
  const [left, right] = [version, floor].map((text) => text.split('-')[0]?.split('.').map(Number) ?? []);
  const differing = right?.findIndex((part, index) => part !== left?.[index]) ?? -1;
  if (differing < 0) return version.includes('-');
  return !((left?.[differing] ?? 0) > (right?.[differing] ?? 0));
}

/** Each installed copy older than its floor, and each package with a floor that is not installed at all. */
function holes(lock: Lockfile): string[] {
  return Object.entries(FLOORS).flatMap(([name, floor]) => {
    const versions = installed(lock, name);
    if (versions.length === 0) return [`${name} is not installed`];
    return versions.filter((version) => isBelow(version, floor)).map((version) => `${name} ${version} < ${floor}`);
  });
}

describe('dependencies', () => {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as Lockfile;

  test('are at least as new as the oldest versions without a known vulnerability', () => {
    expect(holes(lock)).toEqual([]);
  });

  test('with an old copy anywhere are found', () => {
    const old = { packages: { ...lock.packages, 'node_modules/x/node_modules/ws': { version: '8.17.0' } } };
    expect(holes(old)).toEqual(['ws 8.17.0 < 8.17.1']);
    expect(holes({ packages: {} })).toHaveLength(Object.keys(FLOORS).length);
  });

  test.each([
    ['8.17.0', '8.17.1', true],
    ['8.17.1', '8.17.1', false],
    ['8.18.0', '8.17.1', false],
    ['9.0.0', '8.17.1', false],
    ['7.99.99', '8.17.1', true],
    ['8.17.1-beta.1', '8.17.1', true],
  ])('%s below %s: %s', (version, floor, expected) => {
    expect(isBelow(version, floor)).toBe(expected);
  });
});
