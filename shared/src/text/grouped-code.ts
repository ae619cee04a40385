/** A booking code in groups of four: "7KQM 2XTD 9PWA". */
export function groupedCode(code: string): string {
  return code.replace(/(.{4})(?=.)/g, '$1 ');
}
