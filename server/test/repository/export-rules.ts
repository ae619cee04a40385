import { resolveImport } from './import-rules.ts';
import type { Sources } from './import-rules.ts';

/** Test files and their support: not part of the product, though some lie in the same folders. */
const TEST = /\.test\.ts$|^server\/test\/|^e2e\//;
const TEST_SUPPORT = /\.fixture\.ts$|\/fixtures\.ts$/;

/**
 * Each export of these files that no other file imports, as "file: name". An import by a test counts only for exports
 * of test support, because an export that only tests import is not needed by the product.
 */
export function unusedExports(sources: Sources, isExporter: (file: string) => boolean): string[] {
  const shipped = new Set<string>();
  const tested = new Set<string>();
  for (const [file, text] of sources) {
    const used = TEST.test(file) || TEST_SUPPORT.test(file) ? tested : shipped;
    for (const name of importedNames(file, text)) used.add(name);
  }
  return [...sources]
    .filter(([file]) => isExporter(file) && !TEST.test(file))
    .flatMap(([file, text]) => exportedNames(text).map((name) => [file, name] as const))
    .filter(([file, name]) => {
      const isUsed = (used: ReadonlySet<string>) => used.has(`${file}: ${name}`) || used.has(`${file}: *`);
      return !isUsed(shipped) && !(TEST_SUPPORT.test(file) && isUsed(tested));
    })
    .map(([file, name]) => `${file}: ${name}`);
}

const TYPE = /^(?:export )?(?:interface|type) (\w+)/gm;

/** Each type name that two of these files declare, as "name: file, file". */
export function sharedTypeNames(sources: Sources, isDeclarer: (file: string) => boolean): string[] {
  const files = new Map<string, string[]>();
  for (const [file, text] of sources) {
    if (!isDeclarer(file) || TEST.test(file) || TEST_SUPPORT.test(file)) continue;
    for (const [, name = ''] of text.matchAll(TYPE)) files.set(name, [...(files.get(name) ?? []), file]);
  }
  return [...files].filter(([, of]) => of.length > 1).map(([name, of]) => `${name}: ${of.join(', ')}`);
}

const DECLARED =
  /^export (?:default )?(?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
const TAKEN_APART = /^export const [{[]([^}\]]+)[}\]]/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}/gm;
const DEFAULT = /^export default\b/m;

function exportedNames(text: string): string[] {
  const declared = [...text.matchAll(DECLARED)].flatMap(([, name = '']) => name);
  const apart = [...text.matchAll(TAKEN_APART)].flatMap(([, list = '']) => namesOf(list, ':', 1));
  const listed = [...text.matchAll(LISTED)].flatMap(([, list = '']) => namesOf(list, ' as ', 1));
  return [
    ...declared.filter((name) => name !== 'default'),
    ...apart,
    ...listed,
    ...(DEFAULT.test(text) ? ['default'] : []),
  ];
}

const FROM = /\b(?:import|export)\s+(?:type\s+)?([\w$*{}\s,]+?)\s+from\s+'([^']+)'/g;
/** A dynamic import, also in a type or a comment: "import('./x.js').Name". */
const DYNAMIC = /(?:\{([^{}]+)\}\s*=\s*)?(?:await\s+)?\bimport\(\s*'([^']+)'\s*\)(?:\)?\.(\w+))?/g;

/** A file's imports as "file: name"; the name is "*" for an import of the whole file. */
function importedNames(file: string, text: string): string[] {
  const found: string[] = [];
  const add = (specifier: string, names: readonly string[]) => {
    const target = resolveImport(file, specifier);
    if (target !== null) found.push(...names.map((name) => `${target}: ${name}`));
  };
  for (const [, clause = '', specifier = ''] of text.matchAll(FROM)) add(specifier, clauseNames(clause));
  for (const [, apart, specifier = '', member] of text.matchAll(DYNAMIC)) {
    add(specifier, apart ? namesOf(apart, ':', 0) : [member ?? '*']);
  }
  return found;
}

/** The names that an import clause imports: "Default, { a, type B as C }" or "* as all". */
function clauseNames(clause: string): string[] {
  const list = /\{([^}]*)\}/.exec(clause)?.[1];
  const before = clause
    .replace(/\{[^}]*\}/, '')
    .replace(',', '')
    .trim();
  const whole = before === '' ? [] : [before.startsWith('*') ? '*' : 'default'];
  return [...whole, ...(list === undefined ? [] : namesOf(list, ' as ', 0))];
}

/** The names in a list; of "a as b" the given side. */
function namesOf(list: string, separator: string, side: 0 | 1): string[] {
  return list
    .split(',')
    .map((part) => part.trim().replace(/^type /, ''))
    .filter((part) => part !== '')
    .map((part) => part.split(separator).map((name) => name.trim()))
    .map((names) => names[side] ?? names[0] ?? '');
}
