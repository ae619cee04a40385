/** The number of a receipt: unique and without gaps in its series. */
export interface ReceiptNumber {
  /** What is printed before the number. */
  series: string;
  number: number;
}

/** The number as it is printed: "R-000042". */
export function numberText({ series, number }: ReceiptNumber): string {
  return `${series}${String(number).padStart(6, '0')}`;
}
