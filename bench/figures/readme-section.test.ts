import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FIGURES_FILE, readFigures } from './figures.ts';
import { figuresSection } from './figures-section.ts';
import { withFigures } from './readme-section.ts';
import { SAMPLE_CONDITIONS, SAMPLE_FIGURES } from './sample-figures.fixture.ts';

const fromRoot = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const README = fromRoot('README.md');
const FIGURES = fromRoot(FIGURES_FILE);

describe('the figures in the README', () => {
  test('are a dated sentence, two tables and a sentence on readers', () => {
    expect(figuresSection(SAMPLE_FIGURES).split('\n')).toEqual([
      'Measured on 28 November 2025 on 2 cores, shared by server, database and load (Node 24.21.0, MongoDB 6.0.5).',
      'Ranges cover 3 rounds of 5 s; latencies are the median of the rounds.',
      '',
      '| measurement | bookings/s | p50 | p99 |',
      '| --- | --- | --- | --- |',
      '| 200 sockets, with every push | 6,600–7,700 | 25 ms | 70 ms |',
      '| raw loop, the better of 16 and 64 in flight | 1,630–1,780 |  |  |',
      '| 2 servers on one event, 200 sockets each | 6,900 | 55 ms | 128 ms |',
      '',
      '| page over slow 4G | largest paint | layout shift | scripts |',
      '| --- | --- | --- | --- |',
      '| list | 0.9 s | 0.001 | 87 kB |',
      '| event | 1.0 s | 0.014 | 90 kB |',
      '',
      'While clients read the list 1,000 times a second, 99 % of bookings take at most 20 ms; without readers, 12 ms.',
    ]);
  });

  test('name the first and last day of measurements on several days', () => {
    const days = { ...SAMPLE_FIGURES };
    days.pages = { ...days.pages, conditions: { ...SAMPLE_CONDITIONS, measuredAt: '2025-11-30T01:00:00.000Z' } };
    days.listLoad = { ...days.listLoad, conditions: { ...SAMPLE_CONDITIONS, measuredAt: '2025-11-29T01:00:00.000Z' } };
    expect(figuresSection(days)).toContain('Measured from 28 November 2025 to 30 November 2025 on 2 cores');
  });

  test('must be of one machine with the same versions', () => {
    const pages = { ...SAMPLE_FIGURES.pages, conditions: { ...SAMPLE_CONDITIONS, cores: 8 } };
    expect(() => figuresSection({ ...SAMPLE_FIGURES, pages })).toThrow(/one machine.*2 cores.*8 cores/);
  });

  test('replace the text between the markers and nothing else', async () => {
    const readme = await readFile(README, 'utf8');
    const written = await withFigures(readme, SAMPLE_FIGURES);
    expect(written).toContain('| 200 sockets, with every push                | 6,600–7,700 | 25 ms | 70 ms  |');
    const outside = (text: string) => text.replace(/<!-- Figures[^]*<!-- End of the figures -->/, '');
    expect(outside(written)).toBe(outside(readme));
    expect(await withFigures(written, SAMPLE_FIGURES)).toBe(written);
  });

  test('need the two markers', async () => {
    await expect(withFigures('# Frontrow\n', SAMPLE_FIGURES)).rejects.toThrow(/README\.md has no lines/);
  });

  test('are those of bench/figures.json', async () => {
    const readme = await readFile(README, 'utf8');
    expect(await withFigures(readme, await readFigures(FIGURES)), 'run: npm run bench -- readme').toBe(readme);
  });
});
