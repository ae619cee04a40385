import { toWallClock, wallClockTimes } from '#shared/time/wall-clock.ts';

/** A time of a form: its wall-clock time, and its turn (see `EventFields`). */
export type TimeTexts<Name extends string> = Record<Name | `${Name}Turn`, string>;

/** The texts of a time by the clock of a zone; empty for null. */
export function timeFields<Name extends string>(name: Name, iso: string | null, timeZone: string): TimeTexts<Name> {
  const local = iso === null ? '' : toWallClock(iso, timeZone);
  const [, second] = wallClockTimes(local, timeZone);
  const isSecond = iso !== null && second !== undefined && Date.parse(iso) >= Date.parse(second);
  return { [name]: local, [`${name}Turn`]: isSecond ? 'second' : '' } as TimeTexts<Name>;
}
