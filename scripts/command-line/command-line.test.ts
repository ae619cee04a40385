import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createCommandLine, runWithOptions } from './command-line.ts';
import { anyText, wholeNumber, WrongOption } from './values.ts';

const commandLine = createCommandLine(
  {
    count: { placeholder: 'N', help: 'how many', read: wholeNumber(1, 9), default: '3' },
    file: { placeholder: 'FILE', help: 'read from there\nand write there', read: anyText },
    quiet: { help: 'print nothing' },
  },
  {
    intro: 'Counts.',
    notes: 'Slowly.',
    toOptions: ({ count, file, quiet }) => {
      if (quiet && file !== null) throw new WrongOption('--quiet and --file exclude each other.');
      return { count, file, quiet };
    },
  },
);

function printed(stream: 'stdout' | 'stderr'): () => string {
  const write = vi.spyOn(process[stream], 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  return () => write.mock.calls.map(([text]) => String(text)).join('');
}

describe('the command line', () => {
  test('gives the default, null or false for an option that is not given', () => {
    expect(commandLine.parse([])).toEqual({ kind: 'run', options: { count: 3, file: null, quiet: false } });
  });

  test('reads values after a space or an equals sign', () => {
    expect(commandLine.parse(['--count', '5', '--file=a b'])).toMatchObject({ options: { count: 5, file: 'a b' } });
    expect(commandLine.parse(['--quiet'])).toMatchObject({ options: { quiet: true } });
  });

  test.each([['--help'], ['-h'], ['--help', '--count', 'many']])('asks for help by %s %s', (...args) => {
    expect(commandLine.parse(args)).toEqual({ kind: 'help' });
  });

  test.each([
    [['--count', 'many'], '--count must be a whole number from 1 to 9 (it is "many").'],
    [['--quiet', '--file', 'x'], '--quiet and --file exclude each other.'],
    [['--colour', 'red'], expect.stringContaining("Unknown option '--colour'")],
    [['--file'], expect.stringContaining('--file')],
    [['word'], expect.stringContaining("Unexpected argument 'word'")],
  ])('answers %j with a sentence', (args, why) => {
    expect(commandLine.parse(args)).toEqual({ kind: 'wrong', why });
  });

  test('does not hide a defect of the program as a mistake in the arguments', () => {
    const broken = createCommandLine({}, { intro: '', toOptions: () => JSON.parse('{') });
    expect(() => broken.parse([])).toThrow(SyntaxError);
  });

  test('explains each option in a column, with its default', () => {
    expect(commandLine.help.split('\n')).toEqual([
      'Counts.',
      '',
      '  --count N    how many (3)',
      '  --file FILE  read from there',
      '               and write there',
      '  --quiet      print nothing',
      '  --help       this text',
      '',
      'Slowly.',
      '',
    ]);
  });
});

describe('a program with options', () => {
  test('runs with them, and ends with its own exit code', async () => {
    expect(await runWithOptions(commandLine, ['--count', '7'], async ({ count }) => count)).toBe(7);
  });

  test('prints its help to the standard output and ends with 0', async () => {
    const output = printed('stdout');
    expect(await runWithOptions(commandLine, ['-h'], () => Promise.reject(new Error('not run')))).toBe(0);
    expect(output()).toBe(commandLine.help);
  });

  test('prints a mistake to the standard error and ends with 1', async () => {
    const errors = printed('stderr');
    expect(await runWithOptions(commandLine, ['--count', '0'], () => Promise.reject(new Error('not run')))).toBe(1);
    expect(errors()).toBe('--count must be a whole number from 1 to 9 (it is "0").\n');
  });
});
