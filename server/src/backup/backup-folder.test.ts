import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { backupName, pruneBackups } from './backup-folder.ts';

const NOON = new Date('2026-11-29T12:00:00.500Z');
const DAY_MS = 86_400_000;

it('a backup in a folder is named by its time, in UTC', () => {
  expect(backupName(NOON)).toBe('frontrow-2026-11-29T12-00-00Z.backup');
});

it('a folder keeps its newest backups, files of other names, and what is being written now', async (t) => {
  const folder = await tempFolder(t, 'backups');
  const [first, second, third] = [0, 1, 2].map((day) => backupName(new Date(NOON.getTime() + day * DAY_MS)));
  const abandoned = `${first}.0a1b2c3d.partial`;
  const current = `${third}.4e5f6a7b.partial`;
  const others = ['before-the-sale.backup', 'frontrow-2026.backup', 'notes.txt'];
  for (const name of [first, second, third, abandoned, current, ...others])
    await writeFile(join(folder, name ?? ''), '');
  const yesterday = new Date(NOON.getTime() - DAY_MS - 1);
  await utimes(join(folder, abandoned), yesterday, yesterday);
  await utimes(join(folder, current), NOON, NOON);
  expect(await pruneBackups(folder, 2, NOON)).toEqual([first]);
  expect((await readdir(folder)).sort()).toEqual([...others, second, third, current].sort());
  expect(await pruneBackups(folder, 7, NOON)).toEqual([]);
});
