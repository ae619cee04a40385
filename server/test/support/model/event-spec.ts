import { isDeepStrictEqual } from 'node:util';
import type { Command } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import type { Spec } from './linearizable.ts';
import { serve } from './waitlist.ts';
import { isSale, play } from './model.ts';
import type { Picture } from './picture.ts';
import { pictureOfModel } from './picture.ts';
import type { ModelState } from './state.ts';
import { copy } from './state.ts';

/** A command with the server's time, in the model's keys. */
export interface Asked {
  command: Command;
  now: number;
}

/**
 * The specification of an event as its clients see it. The waiting list is served before every sale and at the end of
 * a batch. Clients do not see where a batch ends, so the specification allows both after each command.
 */
export function eventSpec(start: ModelState, end: Picture | null): Spec<ModelState, Asked, Answer> {
  return {
    start,
    steps(before, { command, now }) {
      const state = copy(before);
      if (isSale(command)) serve(state, now);
      const output = play(state, command, now);
      const served = copy(state);
      serve(served, now);
      const same = served.waiting.length === state.waiting.length;
      return same ? [{ state, output }] : [served, state].map((after) => ({ state: after, output }));
    },
    agrees: isDeepStrictEqual,
    key: (state) => JSON.stringify(state),
    mayEnd: (state) => end === null || isDeepStrictEqual(pictureOfModel(state), end),
  };
}
