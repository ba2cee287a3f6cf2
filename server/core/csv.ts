// Lines of CSV (RFC 4180) that a spreadsheet shows and never runs.

/** What makes a cell a formula, also behind spaces and as full-width forms (https://owasp.org/www-community/attacks/CSV_Injection). */
const FORMULA = /^[\s\p{Cf}]*[=+\-@|＝＋－＠]|^[\t\r\n]/u;

/** The same behind what parts cells where a spreadsheet reads this file as no CSV with commas: a semicolon, a tab, a line. */
const FORMULA_WITHIN = /([;\t\r\n])(?=[\s\p{Cf}"']*[=+\-@|＝＋－＠])/gu;

/** A line with its CRLF. Each cell is quoted; one that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(text: string): string {
  const plain = text.replaceAll('\0', '');
  const inert = (FORMULA.test(plain) ? `'${plain}` : plain).replace(FORMULA_WITHIN, "$1'");
  return `"${inert.replaceAll('"', '""')}"`;
}
