/** An HTTP answer of the stand-in. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A failed request, with Stripe's error body. */
export class StripeFailing extends Error {
  readonly answer: Answer;
  /** Whether the answer is stored for its idempotency key: not so for wrong parameters, which Stripe checks first. */
  readonly kept: boolean;

  constructor(status: number, error: { type: string; code?: string; message: string; param?: string }, kept = true) {
    super(error.message);
    this.answer = { status, body: { error } };
    this.kept = kept;
  }
}

/** A parameter that is missing or wrong. */
export function wrongParameter(param: string, message: string, code = 'parameter_invalid'): StripeFailing {
  return new StripeFailing(400, { type: 'invalid_request_error', code, message, param }, false);
}

/** A well-formed request that cannot be carried out. */
export function impossible(code: string, message: string): StripeFailing {
  return new StripeFailing(400, { type: 'invalid_request_error', code, message });
}

export function missing(what: string, id: string): StripeFailing {
  const message = `No such ${what}: '${id}'`;
  return new StripeFailing(404, { type: 'invalid_request_error', code: 'resource_missing', message, param: 'id' });
}
