import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { conditionsAt, readFigures, recordFigures, rounded } from './figures.ts';
import { SAMPLE_CONDITIONS, SAMPLE_FIGURES } from './sample-figures.fixture.ts';

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'frontrow-figures-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'figures.json');
}

async function recordAll(file: string): Promise<void> {
  await recordFigures(file, 'pages', SAMPLE_FIGURES.pages);
  await recordFigures(file, 'listLoad', SAMPLE_FIGURES.listLoad);
  await recordFigures(file, 'severalServers', SAMPLE_FIGURES.severalServers);
  await recordFigures(file, 'rawLoop', SAMPLE_FIGURES.rawLoop);
}

describe('recorded figures', () => {
  test('are read again once every measurement is recorded', async () => {
    const file = await newFile();
    await recordAll(file);
    expect(await readFigures(file)).toEqual(SAMPLE_FIGURES);
    expect(await readFile(file, 'utf8')).toMatch(/\n {2}"pages": \{\n/);
  });

  test('replace those of an earlier run of the same measurement only', async () => {
    const file = await newFile();
    await recordAll(file);
    const later = {
      ...SAMPLE_FIGURES.pages,
      conditions: { ...SAMPLE_CONDITIONS, measuredAt: '2026-01-02T00:00:00.000Z' },
    };
    await recordFigures(file, 'pages', later);
    expect(await readFigures(file)).toEqual({ ...SAMPLE_FIGURES, pages: later });
  });

  test('name the missing measurement and its command', async () => {
    const file = await newFile();
    await expect(readFigures(file)).rejects.toThrow(`npm run bench -- --figures ${file}`);
    await recordFigures(file, 'rawLoop', SAMPLE_FIGURES.rawLoop);
    await expect(readFigures(file)).rejects.toThrow(`npm run bench -- --servers 2 --figures ${file}`);
  });

  test('carry the date of the clock, the versions and the cores', () => {
    const now = new Date('2026-01-02T03:04:05Z');
    expect(conditionsAt(now, '7.0.14')).toEqual({
      measuredAt: '2026-01-02T03:04:05.000Z',
      node: process.versions.node,
      mongodb: '7.0.14',
      cores: expect.any(Number),
    });
  });

  test('are rounded to a number of decimals', () => {
    expect([rounded(1_234.56, 0), rounded(12.345, 1)]).toEqual([1_235, 12.3]);
  });
});
