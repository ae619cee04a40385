import type { FloodRate, FloodRound } from '../load/flood.ts';
import { startLoadGenerator } from '../load/generator-process.ts';
import { median } from '../median.ts';
import { assertAgreement } from '../probes/agreement.ts';
import { createCpuMeter } from '../probes/cpu.ts';
import { openTestbed } from '../testbed/testbed.ts';

export interface OverloadOptions {
  /** Connections, each of a user of its own. */
  sockets: number;
  seconds: number;
  rounds: number;
  /** Folder for a processor profile of the server, or null for none. */
  profile: string | null;
}

/** A measurement with the processor time of server and database, ramp included: it hardly depends on other programs. */
interface FloodPhase extends FloodRound {
  /** Milliseconds for each confirmed booking, by process; refusals are part of it. */
  cpuMsEach: Record<string, number>;
}

/** Saturation and overload, measured one after the other. */
export interface OverloadRound {
  /** Bookings in flight at which the server confirmed most. */
  saturatedBy: number;
  saturation: FloodPhase;
  overload: FloodPhase;
  /** Confirmed bookings a second under overload, divided by those at saturation. */
  ratio: number;
}

interface OverloadReport {
  sockets: number;
  rounds: OverloadRound[];
  /** Median over the rounds. */
  ratio: number;
}

/** How many times the load that the server can take is sent. */
const OVERLOAD = 4;
/** Numbers of bookings in flight, of which the one that suits the server best is its saturation. */
const IN_FLIGHT = [200, 1_000, 4_000];

/**
 * Confirmed bookings at four times the load that the server can take, sent at a steady rate whatever is answered, against
 * those at saturation. Rejects if a command gets no answer, if records differ, or if the signal comes first.
 */
export async function measureOverload(
  { sockets, seconds, rounds: count, profile }: OverloadOptions,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<OverloadReport> {
  await using cleanup = new AsyncDisposableStack();
  const testbed = await openTestbed({ buyers: sockets, price: { amount: 0, currency: 'EUR' }, profile, log });
  cleanup.defer(() => testbed.close());
  const generator = startLoadGenerator(signal);
  cleanup.defer(() => generator.stop());
  const { port, tokens, eventId } = testbed;
  await generator.request({ kind: 'openFlood', options: { port, tokens, eventId } });
  let booked = 0;

  async function flood(rate: FloodRate, forSeconds: number): Promise<FloodPhase> {
    const cpu = createCpuMeter(testbed.pids);
    const before = booked;
    const reply = await cpu.during(() => generator.request({ kind: 'flood', rate, seconds: forSeconds }));
    booked = reply.booked;
    if (reply.figures.unanswered > 0) throw new Error(`${reply.figures.unanswered} commands got no answer`);
    return { ...reply.figures, cpuMsEach: cpu.msEach(booked - before) };
  }

  const saturatedBy = await bestInFlight(flood);
  const rounds: OverloadRound[] = [];
  while (rounds.length < count) {
    const saturation = await flood({ inFlight: saturatedBy }, seconds);
    const perSecond = (OVERLOAD * saturation.bookings) / saturation.seconds;
    const overload = await flood({ perSecond }, seconds);
    const ratio = overload.bookings / saturation.bookings;
    rounds.push({ saturatedBy, saturation, overload, ratio });
    log(`Round ${rounds.length} of ${count}: ${ratio.toFixed(2)} of the bookings at saturation`);
  }
  await assertAgreement(testbed.database, booked);
  return { sockets, rounds, ratio: median(rounds.map(({ ratio }) => ratio)) };
}

async function bestInFlight(flood: (rate: FloodRate, seconds: number) => Promise<FloodRound>): Promise<number> {
  let best = { inFlight: 0, bookings: -1 };
  for (const inFlight of IN_FLIGHT) {
    const { bookings } = await flood({ inFlight }, 2);
    if (bookings > best.bookings) best = { inFlight, bookings };
  }
  return best.inFlight;
}
