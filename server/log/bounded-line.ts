// A log line that is not too long: JSON as before, its longest texts cut, or, where its fields are too many, with their names alone.

/** Characters that are left of a text, tried in this order. */
const LENGTHS = [1_024, 512, 256, 128, 64, 32];
const HEAD = ['level', 'time', 'program', 'pid', 'alarm'];

/** `line` is one JSON object and a newline. What is given back is too, and takes at most `maxBytes`; `cut` says that something is missing. */
export function boundedLine(line: string, maxBytes: number): Buffer {
  const whole = Buffer.from(line);
  if (whole.length <= maxBytes) return whole;
  const fields: Record<string, unknown> = JSON.parse(line);
  for (const length of LENGTHS) {
    const cut = lineOf(fields, length);
    if (cut.length <= maxBytes) return cut;
  }
  // Many small things: their names and the message say which line this was.
  const head = Object.fromEntries(HEAD.flatMap((key) => (key in fields ? [[key, fields[key]]] : [])));
  return lineOf({ ...head, msg: fields.msg, fields: Object.keys(fields).join(' ') }, 200);
}

function lineOf(fields: Record<string, unknown>, length: number): Buffer {
  const text = JSON.stringify({ ...fields, cut: true }, (_key, value: unknown) =>
    typeof value === 'string' && value.length > length ? `${value.slice(0, length)}…` : value,
  );
  return Buffer.from(`${text}\n`);
}
