import type { Answer } from './answer.ts';

/**
 * What goes wrong with one request. An error is Stripe's own and kept for the key, `done` or not; a silence or a cut
 * line loses the answer (`reached`) or the request. Slow is the work itself, late only its answer.
 */
export type Fault =
  | { kind: 'error'; done: boolean }
  | { kind: 'tooMany' }
  | { kind: 'silence' | 'reset'; reached: boolean }
  | { kind: 'slow'; until: Promise<unknown> }
  | { kind: 'late'; until: Promise<unknown> };

interface Planned {
  route: string;
  fault: Fault;
  /** Only where this is said in the address or in the body. */
  about: string;
}

const FAULT: Answer = {
  status: 500,
  body: { error: { type: 'api_error', message: 'Something went wrong on our end.' } },
};
const TOO_MANY: Answer = {
  status: 429,
  body: { error: { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' } },
};

/** Faults that a test has planned, each for the next request of a route ("POST /v1/refunds"). */
export function createFaults() {
  const planned: Planned[] = [];

  function take(call: { route: string; url: string; body: string }): Fault | undefined {
    const isMet = ({ route, about }: Planned) =>
      route === call.route && (call.url.includes(about) || call.body.includes(about));
    const at = planned.findIndex(isMet);
    return at < 0 ? undefined : planned.splice(at, 1)[0]?.fault;
  }

  /** The work, as far as the fault lets it be done. */
  async function befall(fault: Fault | undefined, work: () => Answer): Promise<Answer> {
    if (fault?.kind === 'slow') await fault.until;
    if (fault?.kind !== 'error') return work();
    if (fault.done) work();
    return FAULT;
  }

  return {
    forget: () => planned.splice(0),
    take,
    befall,
    tooMany: TOO_MANY,
    /** The next request of this route (and about this), and as many after it as said, meet the fault. */
    plan(route: string, fault: Fault, times = 1, about = ''): void {
      for (let count = 0; count < times; count += 1) planned.push({ route, fault, about });
    },
  };
}
