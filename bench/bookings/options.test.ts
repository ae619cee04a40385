import { describe, expect, test } from 'vitest';
import { bookingsCommandLine } from './options.ts';

describe('the options of the benchmark', () => {
  test('are read from the command line, with defaults', () => {
    expect(bookingsCommandLine.parse([])).toEqual({
      kind: 'run',
      options: {
        sockets: 200,
        seconds: 5,
        rounds: 3,
        priced: false,
        indexed: false,
        client: 'wire',
        profile: null,
        servers: null,
        apart: false,
        json: false,
        figures: null,
      },
    });
    expect(
      bookingsCommandLine.parse(['--sockets', '50', '--client', 'socket.io', '--priced', '--profile', 'x']),
    ).toMatchObject({
      options: { sockets: 50, client: 'socket.io', priced: true, profile: 'x' },
    });
    expect(bookingsCommandLine.parse(['--servers', '1,2,4'])).toMatchObject({ options: { servers: [1, 2, 4] } });
    expect(bookingsCommandLine.parse(['--servers', '2', '--apart'])).toMatchObject({
      options: { servers: [2], apart: true },
    });
  });

  test.each([
    ['--sockets', '0'],
    ['--sockets', '2001'],
    ['--seconds', 'long'],
    ['--rounds', '1.5'],
    ['--client', 'curl'],
    ['--servers', '1,9'],
  ])('refuse %s %s with a sentence that names the option', (name, value) => {
    expect(bookingsCommandLine.parse([`${name}=${value}`])).toMatchObject({
      kind: 'wrong',
      why: expect.stringContaining(name),
    });
  });

  test.each([{ other: '--priced' }, { other: '--indexed' }, { other: '--apart' }, { other: '--client=socket.io' }])(
    'refuse to record figures together with $other',
    ({ other }) => {
      const parsed = bookingsCommandLine.parse(['--figures', 'x.json', other]);
      expect(parsed).toMatchObject({ kind: 'wrong', why: expect.stringContaining('--figures') });
    },
  );
});
