/** A parsed form: texts, nested in objects and lists. */
export type FormValue = string | FormValue[] | { [name: string]: FormValue };
export type Form = Record<string, FormValue>;

/** Reads `a[b][0]=c` as Stripe does. */
export function readForm(text: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(text)) put(form, path(name), value);
  return lists(form) as Form;
}

/** The value at a path of names if it is a text, else undefined. */
export function textAt(form: FormValue | undefined, ...names: string[]): string | undefined {
  let at = form;
  for (const name of names) at = typeof at === 'object' ? (at as Record<string, FormValue>)[name] : undefined;
  return typeof at === 'string' ? at : undefined;
}

function path(name: string): string[] {
  return name.split('[').map((part) => part.replace(/\]$/, ''));
}

function put(into: Form, [name = '', ...rest]: string[], value: string): void {
  if (rest.length === 0) into[name] = value;
  else put((into[name] ??= {}) as Form, rest, value);
}

/** Turns objects whose names are 0, 1, 2 … into lists. */
function lists(value: FormValue): FormValue {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, lists(inner)] as const);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index));
  return isList ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
