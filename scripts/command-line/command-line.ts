import { parseArgs } from 'node:util';
import type { ReadValue } from './values.ts';
import { WrongOption } from './values.ts';

/** An option that takes a value: `--name VALUE` or `--name=VALUE`. */
export interface ValueOption<T> {
  /** Stands for the value in the help text, such as "N". */
  placeholder: string;
  help: string;
  read: ReadValue<T>;
  /** The text that is read if the option is not given; without a default its value is then null. */
  default?: string;
}

/** An option without a value: true if given. */
interface SwitchOption {
  help: string;
}

/** Options by their names without hyphens, in the order of the help text. */
export type OptionTable = Readonly<Record<string, ValueOption<unknown> | SwitchOption>>;

type OptionValue<Option> = Option extends { read: ReadValue<infer T> }
  ? Option extends { default: string }
    ? T
    : T | null
  : boolean;

type OptionValues<Table extends OptionTable> = { [Name in keyof Table]: OptionValue<Table[Name]> };

interface Program<Table extends OptionTable, Options> {
  /** Above the options in the help text: what the program does and how it is called. */
  intro: string;
  /** Below the options in the help text. */
  notes?: string;
  /** Turns the values into the program's options; throws a WrongOption if they exclude each other. */
  toOptions: (values: OptionValues<Table>) => Options;
}

/** Outcome of reading the arguments; `why` is one sentence for the person who typed them. */
type ParsedArguments<Options> = { kind: 'run'; options: Options } | { kind: 'help' } | { kind: 'wrong'; why: string };

interface CommandLine<Options> {
  /** The text that `--help` prints. */
  help: string;
  parse(args: readonly string[]): ParsedArguments<Options>;
}

/** The command line of a program: its options, and `--help` or `-h`. An unknown option is a mistake. */
export function createCommandLine<Table extends OptionTable, Options>(
  table: Table,
  { intro, notes, toOptions }: Program<Table, Options>,
): CommandLine<Options> {
  const parts = [intro, optionLines(table), notes].filter((part) => part !== undefined);
  return {
    help: `${parts.join('\n\n')}\n`,
    parse(args) {
      try {
        const given = givenOptions(args, table);
        if (given['help'] === true) return { kind: 'help' };
        return { kind: 'run', options: toOptions(readValues(table, given)) };
      } catch (error) {
        if (error instanceof WrongOption || isParseArgsError(error)) return { kind: 'wrong', why: error.message };
        throw error;
      }
    },
  };
}

/**
 * Runs a program with its options and resolves to its exit code: 0 after printing the help, 1 after a mistake. The
 * program itself may throw a WrongOption as well, such as for a file that cannot be used.
 */
export async function runWithOptions<Options>(
  commandLine: CommandLine<Options>,
  args: readonly string[],
  run: (options: Options) => Promise<number>,
): Promise<number> {
  const parsed = commandLine.parse(args);
  if (parsed.kind === 'wrong') return reportMistake(parsed.why);
  if (parsed.kind === 'help') {
    process.stdout.write(commandLine.help);
    return 0;
  }
  try {
    return await run(parsed.options);
  } catch (error) {
    if (error instanceof WrongOption) return reportMistake(error.message);
    throw error;
  }
}

function reportMistake(why: string): number {
  process.stderr.write(`${why}\n`);
  return 1;
}

type GivenOptions = Readonly<Record<string, unknown>>;

function givenOptions(args: readonly string[], table: OptionTable): GivenOptions {
  const options = Object.entries(table).map(([name, option]) => [
    name,
    { type: 'read' in option ? ('string' as const) : ('boolean' as const) },
  ]);
  const help = { type: 'boolean', short: 'h' } as const;
  return parseArgs({ args: [...args], options: { ...Object.fromEntries(options), help } }).values;
}

function readValues<Table extends OptionTable>(table: Table, given: GivenOptions): OptionValues<Table> {
  const values = Object.entries(table).map(([name, option]) => [name, readOption(name, option, given[name])]);
  return Object.fromEntries(values) as OptionValues<Table>;
}

function readOption(name: string, option: OptionTable[string], given: unknown): unknown {
  if (!('read' in option)) return given === true;
  const text = typeof given === 'string' ? given : option.default;
  return text === undefined ? null : option.read(text, `--${name}`);
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

/** The options in the help text, in two columns. */
function optionLines(table: OptionTable): string {
  const rows = [...Object.entries(table), ['help', { help: 'this text' }] as const].map(([name, option]) => ({
    heading: 'read' in option ? `--${name} ${option.placeholder}` : `--${name}`,
    help: 'default' in option ? `${option.help} (${option.default})` : option.help,
  }));
  const width = Math.max(...rows.map(({ heading }) => heading.length)) + 2;
  const indent = `\n${' '.repeat(width + 2)}`;
  return rows.map(({ heading, help }) => `  ${heading.padEnd(width)}${help.replaceAll('\n', indent)}`).join('\n');
}
