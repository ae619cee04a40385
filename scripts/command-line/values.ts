/** A mistake in the arguments; the message is one sentence that names the option. */
export class WrongOption extends Error {
  override name = 'WrongOption';
}

/** Turns the text of an option into its value. `name` is the option as typed, such as "--buyers". */
export type ReadValue<T> = (text: string, name: string) => T;

/** The one sentence for a value that cannot be used; `expected` continues "must be". */
function wrongValue(name: string, expected: string, text: string): WrongOption {
  return new WrongOption(`${name} must be ${expected} (it is "${text}").`);
}

export const anyText: ReadValue<string> = (text) => text;

/** Text of a fixed form; `expected` continues "must be". */
export function textLike(pattern: RegExp, expected: string): ReadValue<string> {
  return (text, name) => {
    if (pattern.test(text)) return text;
    throw wrongValue(name, expected, text);
  };
}

/** A whole number; both ends are allowed. */
export function wholeNumber(lowest: number, highest: number): ReadValue<number> {
  return (text, name) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= lowest && value <= highest) return value;
    throw wrongValue(name, `a whole number from ${lowest} to ${highest}`, text);
  };
}

/** Two whole numbers as "1-3", or one number for both ends; both ends are included. */
export function numberRange(lowest: number, highest: number): ReadValue<{ min: number; max: number }> {
  return (text, name) => {
    const [, low, high = low] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
    const [min, max] = [Number(low), Number(high)];
    if (min >= lowest && max <= highest && min <= max) return { min, max };
    throw wrongValue(name, `like ${lowest}-${lowest + 2}, within ${lowest}-${highest}`, text);
  };
}

export function oneOf<const T extends string>(choices: readonly T[]): ReadValue<T> {
  return (text, name) => {
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    throw wrongValue(name, `one of ${choices.join(', ')}`, text);
  };
}

/** Values separated by commas, each read by `read`. */
export function listOf<T>(read: ReadValue<T>): ReadValue<T[]> {
  return (text, name) => text.split(',').map((part) => read(part, name));
}

/** Weights of any size as "book=80,look=20"; a name that is not given weighs 0, and one must weigh more. */
export function weights<const N extends string>(names: readonly N[], example: string): ReadValue<Record<N, number>> {
  return (text, option) => {
    const values = Object.fromEntries(names.map((name) => [name, 0])) as Record<N, number>;
    for (const part of text.split(',')) {
      const [, word, weight] = /^\s*([a-z]+)=(\d{1,6})\s*$/.exec(part) ?? [];
      const name = names.find((one) => one === word);
      if (name === undefined) throw wrongValue(option, `like ${example}`, text);
      values[name] = Number(weight);
    }
    if (names.some((name) => values[name] > 0)) return values;
    throw new WrongOption(`${option} needs at least one weight above 0.`);
  };
}

/** The origin of an http or https address. */
export const webOrigin: ReadValue<string> = (text, name) => {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw wrongValue(name, 'an address such as http://127.0.0.1:5000', text);
};
