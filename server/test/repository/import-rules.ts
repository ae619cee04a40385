import { dirname, join, normalize } from 'node:path/posix';

/** The texts of source files by their path from the repository's root. */
export type Sources = ReadonlyMap<string, string>;

/** Modules of plain values and types that any part of the server may import; they import no other part. */
const BASE = ['build', 'clock', 'config', 'config-values', 'config-wallet', 'json-text', 'log', 'log-sink', 'sleep'];

/** The areas that each area may import from, besides itself: imports point one way. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  web: ['shared'],
  shared: [],
  mongo: ['shared', ...BASE],
  // Documents that store what the rules decide use the rules' types.
  models: ['booking/rules', 'mongo', 'shared', ...BASE],
  accounts: ['jobs', 'models', 'mongo', 'shared', ...BASE],
  // Reads and writes events; an edit goes through the event queue.
  events: ['booking/engine', 'booking/rules', 'booking/store', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // Converts pictures of events, and keeps their files.
  images: ['booking/rules', 'events', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // Runs jobs: work that follows a commit, outside its transaction.
  jobs: ['models', 'mongo', 'shared', ...BASE],
  // Users' wishes to be notified before a sale opens.
  reminders: ['accounts', 'booking/rules', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // Writes bookings as calendar files.
  calendar: ['models', 'shared', ...BASE],
  // Links that open a ticket without a session, and tickets as files.
  tickets: ['accounts', 'booking/rules', 'models', 'shared', ...BASE],
  // Tickets in wallets, and how they are kept up to date.
  wallet: ['accounts', 'booking/rules', 'jobs', 'tickets', 'models', 'mongo', 'shared', ...BASE],
  // Issues receipts for payments, with numbers without gaps.
  receipts: ['booking/rules', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // Deletes what is no longer needed.
  retention: ['booking/rules', 'jobs', 'models', 'shared', ...BASE],
  // Sends push messages to browsers whose page is closed.
  push: ['accounts', 'models', 'mongo', 'shared', ...BASE],
  // Follows commands for a collector of OpenTelemetry; all other areas know its types alone.
  tracing: ['shared', ...BASE],
  // Runs one server as several processes.
  workers: ['metrics', ...BASE],
  // Writes and delivers notifications.
  mail: ['accounts', 'booking/rules', 'calendar', 'jobs', 'push', 'tickets', 'models', 'mongo', 'shared', ...BASE],
  payments: ['jobs', 'models', 'mongo', 'shared', ...BASE],
  // Holds every rule about seats, without clock, database and sockets.
  'booking/rules': ['shared'],
  // The only part of booking/ that knows how documents are loaded and written.
  'booking/store': ['booking/rules', 'models', 'mongo', 'shared', ...BASE],
  // Runs event queues and batches, without documents, HTTP and sockets.
  'booking/engine': ['booking/rules', 'booking/store', 'mongo', 'tracing', 'shared', ...BASE],
  // The commands on bookings read documents by the store's queries; `models` gives them types and views.
  booking: ['booking/engine', 'booking/rules', 'booking/store', 'jobs', 'models', 'shared', ...BASE],
  'booking/waitlist': ['booking/engine', 'booking/rules', 'booking/store', 'jobs', 'models', 'shared', ...BASE],
  'booking/payments': [
    'booking/engine',
    'booking/rules',
    'booking/store',
    'jobs',
    'payments',
    'models',
    'shared',
    ...BASE,
  ],
  // Adds the notification jobs that follow from the ledger.
  'booking/notifications': ['booking/engine', 'booking/rules', 'jobs', 'models', 'shared', ...BASE],
  'booking/reconcile': ['booking/engine', 'booking/store', 'jobs', 'models', 'mongo', 'shared', ...BASE],
  // Copies the database to a file and back, whatever its documents mean.
  backup: ['models', 'mongo', 'shared', ...BASE],
  // Pushes come from the database alone, never from the code that wrote to it.
  live: ['models', 'mongo', 'tracing', 'shared', ...BASE],
  // Measures a process for operators, through the smallest interface to each part.
  metrics: ['booking/engine', 'booking/reconcile', 'models', 'shared', ...BASE],
  http: [
    'accounts',
    'booking',
    'calendar',
    'events',
    'images',
    'metrics',
    'payments',
    'push',
    'receipts',
    'reminders',
    'tickets',
    'wallet',
    'models',
    'mongo',
    'shared',
    ...BASE,
  ],
  socket: [
    'accounts',
    'booking',
    'booking/payments',
    'booking/waitlist',
    'events',
    'payments',
    'reminders',
    'models',
    'mongo',
    'tracing',
    'shared',
    ...BASE,
  ],
  ...Object.fromEntries(BASE.map((area) => [area, ['shared']])),
  config: ['config-values', 'config-wallet', 'shared'],
};

/** Areas that may import the database's driver; all other areas reach the database through these. */
const DATABASE = [
  'accounts',
  'backup',
  'booking/reconcile',
  'booking/store',
  'events',
  'images',
  'jobs',
  'live',
  'mail',
  'models',
  'mongo',
  'push',
  'receipts',
  'reminders',
  'socket',
  'wallet',
];

/** Packages that only the given areas may import, types included; all other packages may be imported anywhere. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  fastify: ['http', 'log', 'metrics'],
  // Headers and agents are types of `node:http`; the payment providers' webhooks and the push services need them.
  'node:http': ['http', 'payments', 'push', 'socket', 'web', 'workers'],
  'socket.io': ['socket'],
  mongodb: DATABASE,
  mongoose: DATABASE,
  sharp: ['images', 'tickets'],
  // Signs passes, in the thread that prints tickets.
  'passkit-generator': ['tickets'],
};

/** The area of `main.ts` and of composing folders: it may import everything, and no other area may import it. */
const COMPOSITION = 'composition';
const COMPOSING = ['app', 'cli', 'demo-data', 'doctor', 'migrations', 'process', 'main.ts'];

/** Each import that points the wrong way, as "file imports file". */
export function wrongWay(sources: Sources): string[] {
  return edges(sources)
    .filter(({ from, to }) => !isAllowed(areaOf(from), areaOf(to)))
    .map(({ from, to }) => `${from} imports ${to}`);
}

/** Each import of a package by an area that may not import it, as "file imports package". */
export function misplacedPackages(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) =>
    specifiersOf(text)
      .map(packageOf)
      .filter((name) => !mayUse(areaOf(file), name))
      .map((name) => `${file} imports ${name}`),
  );
}

/** Each import cycle, types included, as the files along it. */
export function circles(sources: Sources): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges(sources)) next.set(from, [...(next.get(from) ?? []), to]);
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

/** Files that belong to no area; each new folder must first be assigned to one. */
export function homeless(sources: Sources): string[] {
  return [...sources.keys()].filter((file) => areaOf(file) !== COMPOSITION && !(areaOf(file) in ALLOWED));
}

function isAllowed(from: string, to: string): boolean {
  return from === COMPOSITION || from === to || (ALLOWED[from]?.includes(to) ?? false);
}

function mayUse(area: string, name: string): boolean {
  return area === COMPOSITION || (PACKAGES[name]?.includes(area) ?? true);
}

function areaOf(file: string): string {
  const [part = '', , folder = '', ...rest] = file.split('/');
  if (part !== 'server') return part;
  if (COMPOSING.includes(folder)) return COMPOSITION;
  if (rest.length === 0) return BASE.find((name) => folder === `${name}.ts`) ?? folder;
  return folder === 'booking' && rest.length > 1 ? `booking/${rest[0]}` : folder;
}

function edges(sources: Sources): { from: string; to: string }[] {
  return [...sources].flatMap(([from, text]) =>
    specifiersOf(text).flatMap((specifier) => {
      const to = resolveImport(from, specifier);
      return to === null ? [] : [{ from, to }];
    }),
  );
}

/** The files of this repository that a file imports, types included. */
export function importedFiles(file: string, text: string): string[] {
  return specifiersOf(text).flatMap((specifier) => resolveImport(file, specifier) ?? []);
}

const STATEMENT = /^\s*(?:import|export)\s+(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function specifiersOf(text: string): string[] {
  return [...text.matchAll(STATEMENT)].map(([, specifier = '', dynamic]) => dynamic ?? specifier);
}

/** The package's name without the path inside the package. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** The path of an imported file of this repository; null for a package. */
export function resolveImport(file: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(file), specifier));
  const own = /^#(shared|server)\/(.+)$/.exec(specifier);
  if (own !== null) return `${own[1]}/src/${own[2]}`;
  return /^(?:#lib|\$lib)\//.test(specifier) ? `web/src/${specifier.slice(1)}` : null;
}
