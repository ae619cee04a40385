/** The number of marks in a full row; with at most this many seats one mark is one seat. */
const ROW_MARKS = 24;

export interface SeatCounts {
  totalSeats: number;
  availableSeats: number;
  heldSeats: number;
  soldSeats: number;
}

interface SeatMarks {
  sold: number;
  held: number;
  free: number;
}

/** The marks of each kind in a row: at least one for each kind with a seat; their sum is the row's length. */
export function seatMarks(counts: SeatCounts): SeatMarks {
  const length = Math.min(ROW_MARKS, Math.max(0, counts.totalSeats));
  const parts = [counts.soldSeats, counts.heldSeats, counts.availableSeats];
  const [sold = 0, held = 0, free = 0] = spread(parts, length, Math.max(1, counts.totalSeats));
  return { sold, held, free };
}

/** Largest-remainder apportionment, after each part above zero has one mark. */
function spread(parts: number[], length: number, total: number): number[] {
  const exact = parts.map((part) => (part * length) / total);
  const marks = exact.map((share, index) => ((parts[index] ?? 0) > 0 ? Math.max(1, Math.floor(share)) : 0));
  while (sum(marks) > length) takeMark(marks, exact);
  while (sum(marks) < length && parts.some((part) => part > 0)) giveMark(marks, exact);
  return marks;
}

/** Takes a mark from the part that is most over its share and has more than one. */
function takeMark(marks: number[], exact: number[]): void {
  const over = marks.map((count, index) => (count > 1 ? count - (exact[index] ?? 0) : -Infinity));
  const index = over.indexOf(Math.max(...over));
  marks[index] = (marks[index] ?? 0) - 1;
}

/** Gives a mark to the part that is most under its share. */
function giveMark(marks: number[], exact: number[]): void {
  const under = marks.map((count, index) => ((exact[index] ?? 0) > 0 ? (exact[index] ?? 0) - count : -Infinity));
  const index = under.indexOf(Math.max(...under));
  marks[index] = (marks[index] ?? 0) + 1;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
