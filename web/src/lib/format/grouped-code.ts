/** A booking code in groups of four, as people read it out: "7KQM 2XTD". */
export function groupedCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ');
}
