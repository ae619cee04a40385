import type { Answer } from './answer.ts';

/**
 * A fault of one request. `error` is Stripe's own, stored for the idempotency key, and may come after the effect
 * (`done`). `silence` and `reset` lose the answer (`reached`) or the request. `slow` delays the effect, `late` the answer.
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
  /** Text that the address or the body must contain. */
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

/** Planned faults, each for the next request of a route ("POST /v1/refunds"). */
export function createFaults() {
  const planned: Planned[] = [];

  function take(call: { route: string; url: string; body: string }): Fault | undefined {
    const isMet = ({ route, about }: Planned) =>
      route === call.route && (call.url.includes(about) || call.body.includes(about));
    const at = planned.findIndex(isMet);
    return at < 0 ? undefined : planned.splice(at, 1)[0]?.fault;
  }

  /** Applies the fault to a response. */
  async function befall(fault: Fault | undefined, respond: () => Answer): Promise<Answer> {
    if (fault?.kind === 'slow') await fault.until;
    if (fault?.kind !== 'error') return respond();
    if (fault.done) respond();
    return FAULT;
  }

  return {
    forget: () => planned.splice(0),
    take,
    befall,
    tooMany: TOO_MANY,
    /** The next `times` requests of this route that contain `about` meet the fault. */
    plan(route: string, fault: Fault, times = 1, about = ''): void {
      for (let count = 0; count < times; count += 1) planned.push({ route, fault, about });
    },
  };
}
