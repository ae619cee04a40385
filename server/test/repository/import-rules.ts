import { dirname, join, normalize } from 'node:path/posix';

/** Sources by their path from the project's folder. */
export type Sources = ReadonlyMap<string, string>;

interface Import {
  target: string;
  typeOnly: boolean;
}

/** Plain values and types that any part of the server may use; they use nothing themselves. */
const BASE = ['clock', 'config', 'log', 'sleep'];

/** Imports point one way. An area may import from itself, and from these. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  web: ['shared'],
  shared: [],
  mongo: ['shared', ...BASE],
  models: ['mongo', 'shared', ...BASE],
  accounts: ['models', 'mongo', 'shared', ...BASE],
  // Reading events, and writing them: their counters by the engine's own queue.
  events: ['booking', 'booking/rules', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // What has to be done outside a transaction, whoever orders it.
  jobs: ['models', 'mongo', 'shared', ...BASE],
  // Bookings as files of other programs.
  calendar: ['models', 'shared', ...BASE],
  // Messages to browsers with their tab closed.
  push: ['accounts', 'models', 'mongo', 'shared', ...BASE],
  // Several processes of one server.
  workers: [...BASE],
  // What people are told, and how it reaches them.
  mail: ['accounts', 'booking/rules', 'calendar', 'jobs', 'push', 'models', 'mongo', 'shared', ...BASE],
  payments: ['jobs', 'models', 'mongo', 'shared', ...BASE],
  // Every rule about seats lives here; it knows no clock, no database and no socket.
  'booking/rules': ['shared'],
  booking: ['booking/rules', 'jobs', 'payments', 'models', 'mongo', 'shared', ...BASE],
  // What is pushed comes from the database alone, never from the code that wrote it.
  live: ['models', 'mongo', 'shared', ...BASE],
  // What operators see of a process: figures of the parts, by the smallest interface.
  metrics: ['booking', 'models', 'shared', ...BASE],
  http: [
    'accounts',
    'booking',
    'calendar',
    'events',
    'metrics',
    'payments',
    'push',
    'models',
    'mongo',
    'shared',
    ...BASE,
  ],
  socket: ['accounts', 'booking', 'events', 'payments', 'models', 'mongo', 'shared', ...BASE],
  ...Object.fromEntries(BASE.map((area) => [area, ['shared']])),
};

/** Folders that put the parts together, and `main.ts`: they may import all, and nothing may import them but each other. */
const COMPOSITION = 'composition';
const COMPOSING = ['app', 'cli', 'demo-data', 'process', 'main.ts'];

/** Each import that points the wrong way, as "file imports file". */
export function wrongWay(sources: Sources): string[] {
  return edges(sources)
    .filter(({ from, to }) => !isAllowed(areaOf(from), areaOf(to)))
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Each circle of imports that run (types alone make none), as the files along it. */
export function circles(sources: Sources): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of edges(sources)) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[][] = [];

  function visit(file: string, path: string[]): void {
    const at = path.indexOf(file);
    if (at >= 0) found.push(path.slice(at));
    if (at >= 0 || done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  }

  for (const file of next.keys()) visit(file, []);
  return found;
}

/** Files that belong to no area, so that a new folder has to take its place in the order first. */
export function homeless(sources: Sources): string[] {
  return [...sources.keys()].filter((file) => areaOf(file) !== COMPOSITION && !(areaOf(file) in ALLOWED));
}

function isAllowed(from: string, to: string): boolean {
  return from === COMPOSITION || from === to || (ALLOWED[from]?.includes(to) ?? false);
}

function areaOf(file: string): string {
  const [part = '', , folder = '', ...rest] = file.split('/');
  if (part !== 'server') return part;
  if (COMPOSING.includes(folder)) return COMPOSITION;
  if (rest.length === 0) return BASE.find((name) => folder === `${name}.ts`) ?? folder;
  return folder === 'booking' && rest[0] === 'rules' ? 'booking/rules' : folder;
}

function edges(sources: Sources): { from: string; to: string; typeOnly: boolean }[] {
  return [...sources].flatMap(([from, text]) =>
    importsOf(from, text).map(({ target, typeOnly }) => ({ from, to: target, typeOnly })),
  );
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(STATEMENT)].flatMap(([, type, specifier = '', dynamic]) => {
    const target = resolve(file, dynamic ?? specifier);
    return target === null ? [] : [{ target, typeOnly: type !== undefined }];
  });
}

/** The path of a file of ours; packages are null. */
function resolve(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const own = /^#(shared|server)\/(.+)$/.exec(specifier);
  if (own !== null) return `${own[1]}/src/${own[2]}`;
  return /^(?:#lib|\$lib)\//.test(specifier) ? `web/src/${specifier.slice(1)}` : null;
}
