/** An answer of the stand-in: what goes over the wire. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A failing of the request, in the words Stripe has for it. */
export class StripeFailing extends Error {
  readonly answer: Answer;
  /** Parameters are looked at before a request is carried out; such an answer is not kept for its key. */
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

/** A request that is well made and cannot be carried out. */
export function impossible(code: string, message: string): StripeFailing {
  return new StripeFailing(400, { type: 'invalid_request_error', code, message });
}

export function missing(what: string, id: string): StripeFailing {
  const message = `No such ${what}: '${id}'`;
  return new StripeFailing(404, { type: 'invalid_request_error', code: 'resource_missing', message, param: 'id' });
}
