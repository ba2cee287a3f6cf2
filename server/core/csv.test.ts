// The promises of CSV: what goes in comes out, one line stays one line, and no cell is a formula.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine } from './csv.ts';

/** RFC 4180, read by its letter. */
function parse(text: string): string[][] {
  const lines: string[][] = [];
  let cells: string[] = [];
  for (let at = 0; at < text.length; ) {
    assert.equal(text[at], '"');
    let cell = '';
    for (at += 1; ; at += 1) {
      if (text[at] !== '"') cell += text[at];
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else break;
    }
    cells.push(cell);
    if (text[at + 1] === ',') at += 2;
    else {
      assert.equal(text.slice(at + 1, at + 3), '\r\n');
      lines.push(cells);
      cells = [];
      at += 3;
    }
  }
  return lines;
}

const NASTY = ['=', '+', '-', '@', '|', '"', ',', '\r', '\n', '\t', '\0', ' ', '＝', '\u200b', 'a', 'ä', '1', "'"];
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.constantFrom(...NASTY)).map((parts) => parts.join('')),
);

test('M10: whatever a cell holds, its line has as many cells, and each holds the text but for apostrophes', () => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), (lines) => {
      const read = parse(lines.map(csvLine).join(''));
      assert.equal(read.length, lines.length);
      for (const [at, cells] of lines.entries()) {
        assert.equal(read[at]?.length, cells.length);
        for (const [place, cell] of cells.entries()) {
          const plain = cell.replaceAll('\0', '');
          const withoutApostrophes = (each: string) => each.replaceAll("'", '');
          assert.equal(withoutApostrophes(read[at]?.[place] ?? ''), withoutApostrophes(plain));
        }
      }
    }),
  );
});

test('M10: no cell begins as a formula, also behind spaces, tabs and characters that nobody sees', () => {
  fc.assert(
    fc.property(text, (cell) => {
      const [[read = ''] = []] = parse(csvLine([cell]));
      assert.doesNotMatch(read, /^[\s\u200b-\u200f\ufeff]*[=+\-@|＝＋－＠]/u);
      assert.doesNotMatch(read, /^[\t\r\n]/);
    }),
  );
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\u200b=cmd|x', '|x', '\0=1'])
    assert.match(csvLine([formula]), /^"'/, JSON.stringify(formula));
  assert.equal(csvLine(['plain', 'with "quotes"', '']), '"plain","with ""quotes""",""\r\n');
});

test('M10: a spreadsheet that parts cells at semicolons, tabs or lines finds no formula either', () => {
  fc.assert(
    fc.property(text, (cell) => {
      for (const part of csvLine(['before', cell])
        .slice(0, -2)
        .split(/[;\t\r\n]/)
        .slice(1))
        assert.doesNotMatch(part, /^[\s"]*[=+\-@|＝＋－＠]/u);
    }),
  );
  assert.equal(csvLine(["x;=cmd|'/C calc'!A0"]), `"x;'=cmd|'/C calc'!A0"\r\n`);
});
