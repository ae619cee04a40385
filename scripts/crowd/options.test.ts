import { describe, expect, test } from 'vitest';
import type { CrowdOptions } from './options.ts';
import { crowdCommandLine } from './options.ts';

function optionsOf(...args: string[]): CrowdOptions {
  const parsed = crowdCommandLine.parse(args);
  if (parsed.kind !== 'run') throw new Error(JSON.stringify(parsed));
  return parsed.options;
}

function mistakeIn(...args: string[]): string {
  const parsed = crowdCommandLine.parse(args);
  return parsed.kind === 'wrong' ? parsed.why : parsed.kind;
}

describe('the options of the crowd', () => {
  test('have the defaults that the help text names', () => {
    expect(optionsOf()).toEqual({
      url: 'http://127.0.0.1:5000',
      buyers: 200,
      watchers: 0,
      seconds: 30,
      target: { kind: 'freest' },
      mix: { book: 80, look: 15, cancel: 5 },
      payments: null,
      bookings: null,
      partySize: { min: 1, max: 3 },
      thinkMs: { min: 0, max: 200 },
      seed: 'crowd',
      json: false,
    });
    for (const shown of ['(200)', '(30)', '(book=80,look=15,cancel=5)', '(1-3)', '(0-200)', '(crowd)'])
      expect(crowdCommandLine.help).toContain(shown);
  });

  test('are read from the command line', () => {
    const event = 'ABCDEFabcdef012345678901';
    const options = optionsOf(
      '--pay=pay=3,late=1',
      '--bookings=9',
      '--buyers=7',
      '--watchers=30',
      '--seconds=2',
      `--event=${event}`,
      '--mix=cancel=1, look=2',
      '--parties=4',
      '--think=10-20',
      '--url=http://localhost:1234/anything',
      '--seed=two-2',
      '--json',
    );
    expect(options).toEqual({
      url: 'http://localhost:1234',
      buyers: 7,
      watchers: 30,
      seconds: 2,
      target: { kind: 'event', id: event.toLowerCase() },
      mix: { book: 0, look: 2, cancel: 1 },
      payments: { pay: 3, decline: 0, abandon: 0, late: 1 },
      bookings: 9,
      partySize: { min: 4, max: 4 },
      thinkMs: { min: 10, max: 20 },
      seed: 'two-2',
      json: true,
    });
    expect(optionsOf('--all').target).toEqual({ kind: 'all' });
  });

  test.each([
    ['--buyers', '0'],
    ['--buyers', '5001'],
    ['--buyers', '1e3'],
    ['--seconds', '3601'],
    ['--seconds', '-1'],
    ['--event', 'x'],
    ['--mix', 'book=80,sleep=20'],
    ['--mix', 'book'],
    ['--mix', 'book=0'],
    ['--pay', 'steal=1'],
    ['--pay', 'pay=0'],
    ['--bookings', '0'],
    ['--parties', '3-1'],
    ['--parties', '0-2'],
    ['--think', '5-'],
    ['--url', 'ftp://127.0.0.1'],
    ['--url', '127.0.0.1:5000'],
    ['--seed', 'Üx'],
  ])('refuse %s %s with a sentence that names the option', (name, value) => {
    expect(mistakeIn(`${name}=${value}`)).toContain(name);
  });

  test('refuse --event together with --all', () => {
    expect(mistakeIn('--all', '--event', '0'.repeat(24))).toContain('exclude');
  });

  test('refuse another machine without --allow-remote', () => {
    expect(mistakeIn('--url', 'https://tickets.example.org')).toContain('--allow-remote');
    expect(optionsOf('--url', 'https://tickets.example.org', '--allow-remote').url).toBe('https://tickets.example.org');
  });

  test.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['[::1]', true],
    ['localhost.example.org', false],
    ['127.0.0.1.example.org', false],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['[::2]', false],
  ])('recognise whether %s is this machine: %s', (hostname, isThisMachine) => {
    const url = `http://${hostname}:5000`;
    if (isThisMachine) expect(optionsOf('--url', url).url).toBe(url);
    else expect(mistakeIn('--url', url)).toContain('--allow-remote');
  });
});
