import { isDeepStrictEqual } from 'node:util';
import type { Command } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import type { Spec } from './linearizable.ts';
import { serve } from './line.ts';
import { isSale, play } from './model.ts';
import type { Picture } from './picture.ts';
import { pictureOfModel } from './picture.ts';
import type { ModelState } from './state.ts';
import { copy } from './state.ts';

/** A command at the server's time, in the model's names. */
export interface Asked {
  command: Command;
  now: number;
}

/**
 * An event as its clients see it. Those who wait come before every sale; otherwise they have their offers by the end of
 * the batch, and where a batch ends is nobody's business: after each command they may have been served or not.
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
      const same = served.line.length === state.line.length;
      return same ? [{ state, output }] : [served, state].map((after) => ({ state: after, output }));
    },
    agrees: isDeepStrictEqual,
    key: (state) => JSON.stringify(state),
    mayEnd: (state) => end === null || isDeepStrictEqual(pictureOfModel(state), end),
  };
}
