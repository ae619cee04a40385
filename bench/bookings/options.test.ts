import { describe, expect, test } from 'vitest';
import { bookingsCommandLine } from './options.ts';

describe('the options of the bench', () => {
  test('have defaults, and are read', () => {
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
    expect(bookingsCommandLine.parse(['-h'])).toEqual({ kind: 'help' });
  });

  test.each([
    ['--sockets', '0'],
    ['--sockets', '2001'],
    ['--seconds', 'long'],
    ['--rounds', '1.5'],
    ['--client', 'curl'],
    ['--servers', '1,9'],
    ['--colour', 'red'],
  ])('refuse %s %s in a sentence that names the option', (name, value) => {
    expect(bookingsCommandLine.parse([`${name}=${value}`])).toMatchObject({
      kind: 'wrong',
      why: expect.stringContaining(name),
    });
  });
});
