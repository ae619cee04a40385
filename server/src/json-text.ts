/** The key of an object's JSON text, which JSON.stringify and comparisons do not see. */
const JSON_TEXT = Symbol('JSON text');

/**
 * Gives an object its JSON text, made once when it is first sent. For objects that do not change and are sent often: to
 * look for binary data in a page of a list and to convert it again costs more than all the rest of its answer.
 */
export function withJsonText<T extends object>(value: T, make: () => string): T {
  let text: string | null = null;
  return Object.defineProperty(value, JSON_TEXT, { value: () => (text ??= make()) });
}

/** The text that the object was given; null without one. */
export function jsonTextOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null;
  return (value as { [JSON_TEXT]?: () => string })[JSON_TEXT]?.() ?? null;
}
