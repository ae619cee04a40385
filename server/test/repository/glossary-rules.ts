import ts from 'typescript';

/** One use of a banned word. */
export interface Finding {
  file: string;
  /** The whole identifier or title. */
  where: string;
  /** The banned word, as the rules write it. */
  word: string;
}

/**
 * Banned words and what to write instead: see docs/glossary.md. A rule is matched against the lower-case words of an
 * identifier or title, joined by single spaces: `createCallOff` is "create call off".
 */
const BANNED: readonly (readonly [word: string, pattern: RegExp])[] = [
  ['reservation', /\breserv(?:e|es|ed|ing|ations?)\b/],
  ['holding', /\bholdings?\b/],
  ['party', /\b(?:party|parties)\b(?! sizes?\b)/],
  ['till', /\btills?\b/],
  ['cashier', /\bcashiers?\b/],
  ['transact', /\btransacts?\b/],
  ['tell', /\b(?:tell|tells|telling|told)\b/],
  ['story', /\b(?:story|stories)\b/],
  ['organise', /\borganis(?:e|es|ed|ing|ation)\b/],
  ['call off', /\bcall(?:s|ed|ing)? off\b/],
  ['guest', /\bguests?\b/],
  ['door', /\bdoors?\b/],
  ['trouble', /\btroubles?\b/],
  ['insist', /\binsist(?:s|ed|ing)?\b/],
  ['pursuit', /\b(?:pursuits?|pursue[sd]?|pursuing)\b/],
  ['deed', /\bdeeds?\b/],
  ['payable', /\bpayable\b/],
  ['sellable', /\bsellable\b/],
];

/** Words that are banned in identifiers and file names only, because they are plain English in a title. */
const BANNED_NAMES: typeof BANNED = [
  ['work', /\bworks?\b/],
  ['pause', /\bpauses?\b/],
  ['stakes', /\bstakes?\b/],
  ['waiting party', /\bwaiting part(?:y|ies)\b/],
  ['wait or abort', /\bwait or abort\b/],
];

/** Unclear phrases that are banned in titles in addition to the banned words. */
const RIDDLES: readonly (readonly [word: string, pattern: RegExp])[] = [
  ['whoever', /\bwho(?:m)?ever\b/],
  ['nobody', /\bnobody\b/],
  ['what became of', /\bbec[ao]mes? of\b/],
  ['in its place', /\bin (?:its|their) place\b/],
];

/** The texts of the checked files by their path. */
export type Texts = ReadonlyMap<string, string>;

/** Banned words in file names, identifiers and titles of one file. */
export function bannedWordsIn(file: string, text: string): Finding[] {
  const source = file.endsWith('.svelte') ? codeOfComponent(text) : text;
  const { identifiers, titles } = namesOf(source);
  const names = [...identifiers, ...nameOfFile(file)];
  return [
    ...names.flatMap((name) => findingsOf(file, name, [...BANNED, ...BANNED_NAMES])),
    ...titles.flatMap((title) => findingsOf(file, title, [...BANNED, ...RIDDLES])),
  ];
}

/** Banned words and riddles in the headings of a document. */
export function bannedWordsInHeadings(file: string, text: string): Finding[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.flatMap((heading) => findingsOf(file, heading, [...BANNED, ...RIDDLES]));
}

function findingsOf(file: string, name: string, rules: typeof BANNED): Finding[] {
  const words = wordsOf(name);
  return rules.filter(([, pattern]) => pattern.test(words)).map(([word]) => ({ file, where: name, word }));
}

/** "createCallOff", "CALL_OFF" and "Call-off" are all "call off" to the rules. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/[^\p{L}\d]+/gu, ' ')
    .trim()
    .toLowerCase();
}

function nameOfFile(file: string): string[] {
  return file.split('/').map((part) => part.replace(/\.(?:svelte|test|int|property|fixture|spec|ts|js)\b/g, ''));
}

/** The script and the expressions of a Svelte component, without its visible text. */
function codeOfComponent(text: string): string {
  const scripts = [...text.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, code = '']) => code);
  const markup = text.replace(/<(script|style)[^>]*>[^]*?<\/\1>/g, '');
  const expressions = [...markup.matchAll(/\{([^{}]*)\}/g)].map(([, code = '']) => code);
  const tags = [...markup.matchAll(/<([A-Z]\w*)/g)].map(([, tag = '']) => tag);
  return [...scripts, ...expressions, ...tags].join(';\n');
}

/** Functions whose first or second argument is a title: of a test, a log line, or a metric's help text. */
const TITLED = /^(?:describe|test|it|each|step|warn|error|info|debug|fatal|gauge|counter)$/;

/** Each identifier once, and each title; other literals and comments are left out. */
function namesOf(code: string): { identifiers: string[]; titles: string[] } {
  const identifiers = new Set<string>();
  const titles = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) identifiers.add(node.text);
    if (ts.isCallExpression(node) && TITLED.test(calledName(node.expression))) {
      for (const argument of node.arguments.slice(0, 2))
        if (ts.isStringLiteralLike(argument)) titles.add(argument.text);
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'help' && ts.isStringLiteralLike(node.initializer)) {
      titles.add(node.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest, true));
  return { identifiers: [...identifiers], titles: [...titles] };
}

/** The name of a called function; for `describe.each(…)(…)` that of the innermost expression. */
function calledName(expression: ts.Expression): string {
  if (ts.isCallExpression(expression)) return calledName(expression.expression);
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}
