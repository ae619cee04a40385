import type { Performance } from '../all/performance.ts';
import { dayText, tableLines } from '../figures/marked-section.ts';
import { machineCapacity, saleNeeds, wallsOf, watchersPerServer } from './scaling.ts';
import type { UnitCosts } from './unit-costs.ts';
import { unitCostsOf } from './unit-costs.ts';

const CORES = [2, 4, 8];
const WATCHERS = [10_000, 100_000, 1_000_000];
const MACHINE = { cores: 8, memoryGb: 8, networkGbit: 1 };

/** A push of one event's counters, as it goes over the network with its head of four bytes. */
const FRAME_BYTES = 4 + `42/public,${JSON.stringify(['availabilityChanged', { changes: [sampleChange()] }])}`.length;

function sampleChange() {
  const eventId = '0123456789abcdef01234567';
  const counters = { totalSeats: 20_000, availableSeats: 12_345, heldSeats: 1_234, soldSeats: 6_421 };
  return { eventId, version: 123_456, ...counters, waitingCount: 0, holdsUntil: '2026-11-28T20:00:00.000Z' };
}

/** The unit costs, and what follows from them for machines and sales. */
export function scalingSection(performance: Performance): string {
  const costs = unitCostsOf(performance);
  const { measuredAt, cores, processor } = performance.conditions;
  return [
    `From the figures of ${dayText(measuredAt)} on ${cores} cores (${processor}).`,
    '',
    ...tableLines(['unit cost', 'measured'], costRows(costs)),
    '',
    `One machine with the database and its servers; a frame of one event has ${FRAME_BYTES} bytes:`,
    '',
    ...tableLines(
      ['cores', '`WORKERS`', 'bookings/s, many events', 'bookings/s, one event', 'watchers', 'lists/s'],
      CORES.map((count) => machineRow(costs, count)),
    ),
    '',
    'One sale, on as many servers as it needs:',
    '',
    ...saleTable(costs),
    '',
    `The walls of one machine with ${MACHINE.cores} cores, the nearest first:`,
    '',
    ...tableLines(
      ['wall', 'reached with watchers'],
      wallsOf(costs, MACHINE, FRAME_BYTES).map(({ what, watchers }) => [what, roundText(watchers)]),
    ),
  ].join('\n');
}

function costRows(costs: UnitCosts): string[][] {
  return [
    ['a booking, processor of the server', `${costs.bookingServerMs} ms`],
    ['a booking, processor of the database', `${costs.bookingDatabaseMs} ms`],
    ['a booking, bytes of the ledger', roundText(costs.bookingLedgerBytes)],
    ['bookings/s on one event by one server', roundText(costs.oneEventPerSecond)],
    ['two servers on one event, as a multiple of one', shortText(costs.twoServersFactor)],
    ['a delivery to one client, processor of the server', `${shortText(costs.deliveryMs * 1_000)} µs`],
    ['a client that connects, processor of the server', `${shortText(costs.connectMs)} ms`],
    ['a page of the list, processor of the server', `${shortText(costs.listMs)} ms`],
    ['an idle client, memory', `${shortText(costs.clientBytes / 1_000)} kB`],
    ['a server without clients, memory', `${shortText(costs.serverBytes / 1_000_000)} MB`],
    ['watchers of one server, a frame a second', roundText(watchersPerServer(costs))],
  ];
}

function machineRow(costs: UnitCosts, cores: number): string[] {
  const { workers, bookingsPerSecond, oneEventPerSecond, watchers, listsPerSecond } = machineCapacity(costs, cores);
  return [
    String(cores),
    String(workers),
    ...[bookingsPerSecond, oneEventPerSecond, watchers, listsPerSecond].map(roundText),
  ];
}

/** One column for each number of watchers. */
function saleTable(costs: UnitCosts): string[] {
  const sales = WATCHERS.map((watchers) => saleNeeds(costs, watchers, FRAME_BYTES));
  const row = (what: string, text: (sale: (typeof sales)[number]) => string) => [what, ...sales.map(text)];
  return tableLines(
    ['watchers', ...WATCHERS.map(roundText)],
    [
      row('buyers', ({ buyers }) => roundText(buyers)),
      row('servers', ({ servers }) => roundText(servers)),
      row('cores that send frames', ({ fanOutCores }) => shortText(fanOutCores)),
      row('cores that connect clients, over 5 minutes', ({ arrivalCores }) => shortText(arrivalCores)),
      row('memory of the servers', ({ memoryGb }) => `${shortText(memoryGb)} GB`),
      row('network', ({ networkGbit }) => `${shortText(networkGbit)} Gbit/s`),
      row('each buyer has booked after', ({ soldSeconds }) => `${shortText(soldSeconds)} s`),
      row('change feeds of all servers', ({ feedMbPerSecond }) => `${shortText(feedMbPerSecond)} MB/s`),
    ],
  );
}

/** Two significant digits. */
function roundText(value: number): string {
  return Number(value.toPrecision(value < 1_000 ? 3 : 2)).toLocaleString('en');
}

/** Two significant digits, or one decimal below ten. */
function shortText(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 3 });
}
