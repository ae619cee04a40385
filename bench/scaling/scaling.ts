import type { UnitCosts } from './unit-costs.ts';

/** A broadcast takes at most this share of a server's core, and at least one frame a second goes out. */
const FAN_OUT_SHARE = 0.25;
const FRAMES_PER_SECOND = 1;
/** A hot sale has so many watchers for each buyer. */
const WATCHERS_PER_BUYER = 50;
/** Watchers arrive within this time before a sale opens. */
const ARRIVAL_SECONDS = 300;
/** Headers of a packet on the network, beside the frame. */
const PACKET_BYTES = 66;
const GIGABYTE = 1_000_000_000;

/** What a machine with so many cores can do with the embedded database beside its servers. */
interface MachineCapacity {
  cores: number;
  workers: number;
  /** Bookings a second over many events, with every core busy. */
  bookingsPerSecond: number;
  /** Bookings a second on one event, which the servers sell in turns. */
  oneEventPerSecond: number;
  /** Watchers who get a frame a second. */
  watchers: number;
  listsPerSecond: number;
}

/** The servers get the cores that the database leaves them when both are busy with bookings. */
export function machineCapacity(costs: UnitCosts, cores: number): MachineCapacity {
  const { bookingServerMs, bookingDatabaseMs } = costs;
  const bookingMs = bookingServerMs + bookingDatabaseMs;
  const workers = Math.max(1, Math.round((cores * bookingServerMs) / bookingMs));
  const perWorker = 1_000 / bookingServerMs;
  const bookingsPerSecond = Math.min((cores * 1_000) / bookingMs, workers * perWorker);
  const inTurns = costs.oneEventPerSecond * (workers === 1 ? 1 : costs.twoServersFactor);
  return {
    cores,
    workers,
    bookingsPerSecond,
    oneEventPerSecond: Math.min(bookingsPerSecond, inTurns),
    watchers: workers * watchersPerServer(costs),
    listsPerSecond: (workers * 1_000) / costs.listMs,
  };
}

/** The number of watchers that one server can send a frame a second to, within its share of a core. */
export function watchersPerServer({ deliveryMs }: UnitCosts): number {
  return (FAN_OUT_SHARE * 1_000) / (deliveryMs * FRAMES_PER_SECOND);
}

/** What a sale with so many watchers needs. */
interface SaleNeeds {
  watchers: number;
  buyers: number;
  servers: number;
  /** Cores that send frames, and cores that connect clients while they arrive. */
  fanOutCores: number;
  arrivalCores: number;
  memoryGb: number;
  networkGbit: number;
  /** From the opening until each buyer has booked once. */
  soldSeconds: number;
  /** Megabytes a second that the change feeds of all servers read while the event sells. */
  feedMbPerSecond: number;
}

export function saleNeeds(costs: UnitCosts, watchers: number, frameBytes: number): SaleNeeds {
  const servers = Math.ceil(watchers / watchersPerServer(costs));
  const buyers = watchers / WATCHERS_PER_BUYER;
  const perSecond = costs.oneEventPerSecond * (servers === 1 ? 1 : costs.twoServersFactor);
  const bitsPerSecond = watchers * FRAMES_PER_SECOND * (frameBytes + PACKET_BYTES) * 8;
  return {
    watchers,
    buyers,
    servers,
    fanOutCores: (watchers * FRAMES_PER_SECOND * costs.deliveryMs) / 1_000,
    arrivalCores: ((watchers / ARRIVAL_SECONDS) * (costs.connectMs + costs.listMs)) / 1_000,
    memoryGb: (watchers * costs.clientBytes + servers * costs.serverBytes) / GIGABYTE,
    networkGbit: bitsPerSecond / 1_000_000_000,
    soldSeconds: buyers / perSecond,
    feedMbPerSecond: (servers * perSecond * costs.bookingLedgerBytes) / 1_000_000,
  };
}

/** Something that ends first when a sale grows, and the watchers at which it does. */
interface Wall {
  what: string;
  watchers: number;
}

/** The walls of one machine with these cores, the nearest first. */
export function wallsOf(costs: UnitCosts, { cores, memoryGb, networkGbit }: Machine, frameBytes: number): Wall[] {
  const { workers, watchers } = machineCapacity(costs, cores);
  const memoryLeft = memoryGb * GIGABYTE - workers * costs.serverBytes;
  const arrivals = (workers * 1_000 * ARRIVAL_SECONDS) / (costs.connectMs + costs.listMs);
  return [
    { what: `a frame a second within a quarter of each server's core (${workers} servers)`, watchers },
    { what: `${memoryGb} GB of memory for the servers`, watchers: memoryLeft / costs.clientBytes },
    {
      what: `${networkGbit} Gbit/s of network`,
      watchers: (networkGbit * 1_000_000_000) / ((frameBytes + PACKET_BYTES) * 8 * FRAMES_PER_SECOND),
    },
    { what: `all arrive within ${ARRIVAL_SECONDS / 60} minutes, by all cores of the servers`, watchers: arrivals },
  ].toSorted((a, b) => a.watchers - b.watchers);
}

interface Machine {
  cores: number;
  memoryGb: number;
  networkGbit: number;
}
