import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SETTING_NAMES } from '#server/config.ts';
import { REPOSITORY } from '../support/operations/examples.ts';
import { readHandbook } from '../support/operations/handbook.ts';
import { readSources } from './read-sources.ts';

interface Rule {
  alert: string;
  labels: { severity: string };
}

const read = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8');

/** Names in capitals that are no settings of Frontrow, and what they are. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  REPOSITORY: 'the address of the repository, which a reader fills in',
  DRILL: 'a variable of the restore drill',
  FILE: 'stands for a path in a command',
  PASSWORD: 'stands for one in an example',
  END: 'the end of a text in a shell',
  SIGTERM: 'a signal',
  SIGINT: 'a signal',
  SIGHUP: 'a signal',
  UNAVAILABLE: 'a code of the contract',
  ID: 'stands for one in an address',
  VERSION: 'a tag or commit, which a reader fills in',
  DNS: 'the kind of a name in a certificate',
};

/** Names that the handbook writes as code: in backticks, or assigned in its commands. */
function namesIn(text: string): string[] {
  const code = [...text.matchAll(/```\w*\n([^]*?)```|`([^`\n]+)`/g)].map(([, block = '', span = '']) => block + span);
  return [...new Set(code.flatMap((part) => part.match(/(?<![\w$-])[A-Z][A-Z_]+[A-Z](?![\w(-])/g) ?? []))];
}

/** Paths of the repository in a document's code and commands. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w/.-])((?:ops|docs|server|scripts)\/[\w./-]+\.\w+|(?:ops\/Caddyfile))/g)].flatMap(
    ([, path]) => path ?? [],
  );
}

describe('docs/operations.md', () => {
  const handbook = readHandbook();

  test('names settings that exist', () => {
    const composed = ['compose.yaml', 'compose.replica-set.yaml'].flatMap((file) =>
      [...read(file).matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? ''),
    );
    const known = new Set([...SETTING_NAMES, ...composed, ...Object.keys(OTHER_NAMES)]);
    const names = namesIn(handbook);
    expect(names).toEqual(expect.arrayContaining(['TRUST_PROXY', 'DATABASE_KEY', 'METRICS_TOKEN']));
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names files that exist', () => {
    const paths = pathsIn(handbook);
    expect(paths).toEqual(expect.arrayContaining(['ops/mongod.conf', 'server/src/cli/admin.ts', 'ops/Caddyfile']));
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  test('says of each alert what to do, and names no other', () => {
    const { groups } = parse(read('ops/alerts.yaml')) as { groups: { rules: Rule[] }[] };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert, labels }) => `${alert} ${labels.severity}`));
    const rows = handbook.matchAll(/^\| `(Frontrow\w+)` +\| (page|ticket) +\| [^|]+ \| [^|]{10,} \|$/gm);
    expect([...rows].map(([, alert, severity]) => `${alert} ${severity}`).toSorted()).toEqual(alerts.toSorted());
  });

  test('quotes log lines that the server writes', () => {
    const lines = [...handbook.matchAll(/^\| "([^"]+)" +\|/gm)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(10);
    const sources = [...readSources(['server/src']).values()].join('\n');
    expect(lines.filter((line) => !sources.includes(line))).toEqual([]);
  });

  test('names systemd units that exist', () => {
    const units = handbook.match(/\bfrontrow(?:-\w+)?\.(?:service|timer)\b/g) ?? [];
    expect(units).toContain('frontrow.service');
    expect(units.filter((unit) => !existsSync(join(REPOSITORY, 'ops', unit)))).toEqual([]);
  });
});

test('names of settings are found in backticks and commands, and no others', () => {
  const text = 'Set `PORT`, not PLAIN.\n\n```sh\nJWT_SECRET=$(x) node --FLAG "$MONGO_URI" run\n```\n';
  expect(namesIn(text)).toEqual(['PORT', 'JWT_SECRET']);
});
