import { WrongOption } from '../../scripts/command-line/values.ts';
import type { FigureId } from '../all/figure-lines.ts';
import type { Performance } from '../all/performance.ts';
import { median } from '../median.ts';

/** What one booking, client, delivery or read costs, as measured. */
export interface UnitCosts {
  /** Processor milliseconds of a server and of the database for each booking on a busy event. */
  bookingServerMs: number;
  bookingDatabaseMs: number;
  /** Bytes of the ledger for each booking, which the change feed carries to each server. */
  bookingLedgerBytes: number;
  /** Bookings a second on one event by one server, and by two as a multiple of that. */
  oneEventPerSecond: number;
  twoServersFactor: number;
  /** Processor milliseconds of a server for one client's part of a broadcast. */
  deliveryMs: number;
  /** Processor milliseconds of a server for a client that connects with a session. */
  connectMs: number;
  /** Processor milliseconds of a server for a page of the list. */
  listMs: number;
  /** Resident memory of a connected client, and of a server without clients. */
  clientBytes: number;
  serverBytes: number;
}

/** The unit costs of a run. Throws a WrongOption if it has not measured all of them. */
export function unitCostsOf({ figures, costs }: Pick<Performance, 'figures' | 'costs'>): UnitCosts {
  const figure = (id: FigureId) => {
    const found = figures.find((one) => one.id === id);
    if (!found) throw new WrongOption(`The figures have no ${id}: measure all of them.`);
    return found;
  };
  const value = (id: FigureId) => median(figure(id).rounds.map((round) => round.value));
  const cost = (name: string) => {
    const found = costs[name];
    if (found === undefined) throw new WrongOption(`The figures have no ${name}: measure all of them.`);
    return found;
  };
  return {
    bookingServerMs: cost('bookingServerMs'),
    bookingDatabaseMs: cost('bookingDatabaseMs'),
    bookingLedgerBytes: cost('bookingLedgerBytes'),
    oneEventPerSecond: value('M1'),
    twoServersFactor: figure('M12').result,
    deliveryMs: 1_000 / value('M7'),
    connectMs: cost('connectServerMs'),
    listMs: cost('listServerMs'),
    clientBytes: value('M10') * 1_000,
    serverBytes: value('M10 idle') * 1_000_000,
  };
}
