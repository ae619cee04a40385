import { isolated } from '../text/isolated.ts';

/** A line of tickets with the name of its type. */
type Named<L> = L & { name: string };

/** The lines with the names of their types; of a type that is not among these, its id. */
export function namedLines<L extends { type: string }>(
  lines: readonly L[],
  types: readonly { id: string; name: string }[],
): Named<L>[] {
  return lines.map((line) => ({ ...line, name: types.find(({ id }) => id === line.type)?.name ?? line.type }));
}

/** Whether an event has one ticket type, of one seat: then a number of seats says as much as a list of tickets. */
export function sellsSeatsAlone(types: readonly { seats: number }[]): boolean {
  return types.length === 1 && types[0]?.seats === 1;
}

/** Tickets in one line, the same in every language: "2 × Adult, 1 × Child". */
export function ticketsText(lines: readonly { count: number; name: string }[]): string {
  return lines.map(({ count, name }) => `${count} × ${isolated(name)}`).join(', ');
}
