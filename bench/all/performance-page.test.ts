import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { figureOf } from './figure.ts';
import { FIGURE_LINES } from './figure-lines.ts';
import { pagesWith } from './pages.ts';
import { performanceSection } from './performance-page.ts';
import type { Performance } from './performance.ts';
import { PERFORMANCE_FILE, readPerformance } from './performance.ts';

const fromRoot = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));

const SAMPLE: Performance = {
  conditions: {
    measuredAt: '2025-11-28T13:00:00.000Z',
    node: '24.21.0',
    mongodb: '6.0.5',
    cores: 2,
    processor: 'Fast',
    otherLoad: 0.2,
  },
  options: { rounds: 2, seconds: 3, sockets: 200 },
  minutes: 9.5,
  figures: [
    figureOf('M1', FIGURE_LINES.M1, [
      { value: 6_123, baseline: 1_000 },
      { value: 5_877, baseline: 1_000 },
    ]),
    figureOf('M12 p99', FIGURE_LINES['M12 p99'], [{ value: 312.4, baseline: null }]),
  ],
  costs: { bookingServerMs: 0.1234 },
};

describe('the page of figures', () => {
  test('is a dated sentence, a line for each figure, with its verdict, and the costs', () => {
    expect(performanceSection(SAMPLE).split('\n')).toEqual([
      'Measured on 28 November 2025 on 2 cores (Fast), shared by server, database and load, with Node 24.21.0 and MongoDB 6.0.5: 2 rounds, 3 s for each measurement, 200 sockets, 9.5 minutes altogether. In the minute before, 0.2 other programs wanted a processor at a time.',
      '',
      '| # | figure | measured | spread | at least | aim | verdict | medians |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| M1 | confirmed bookings, one hot event ÷ a guarded `$inc` and an insert by the raw driver, the best of 1, 16 and 64 in flight | 6 | 5.88–6.12 | ≥ 5 | ≥ 8 | mark met | 6,000 ÷ 1,000 1/s |',
      '| M12 p99 | acknowledgement by the slower of two servers, 99th percentile | 312 ms | 312–312 | ≤ 250 ms | ≤ 150 ms | missed |  |',
      '',
      '| cost | measured |',
      '| --- | --- |',
      '| a booking on a busy event, processor of the server | 0.123 ms |',
    ]);
  });

  test('is that of bench/performance.json', async () => {
    const read = (file: string) => readFile(fromRoot(file), 'utf8');
    const pages = await pagesWith(await readPerformance(fromRoot(PERFORMANCE_FILE)), read);
    for (const { file, text } of pages) expect(text, `${file}: npm run bench -- performance`).toBe(await read(file));
  });
});
