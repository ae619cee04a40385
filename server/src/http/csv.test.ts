import { expect, it } from 'vitest';
import { csvLine } from './csv.ts';

it.each(['=1+1', '+49 30', '-2+1', '-1e9', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1'])(
  'a CSV cell %j cannot run as a formula',
  (text) => {
    expect(csvLine([text])).toBe(`"'${text}"\r\n`);
  },
);

it('a CSV cell with a negative number stays one that spreadsheets add up', () => {
  expect(csvLine([-2, '-20.00'])).toBe('"-2","-20.00"\r\n');
});

it('a CSV line quotes every cell and doubles the quotes inside', () => {
  expect(csvLine(['a,b', 'say "hi"', 3, 'x=1', ''])).toBe('"a,b","say ""hi""","3","x=1",""\r\n');
});
