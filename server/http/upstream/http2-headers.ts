// A request's header list as HTTP/2 takes it (RFC 9113 §8.3): the Host as `:authority`, names in lower case.

/** Names that were seen before: lowering a name costs more than finding it. Bounded, since clients choose names. */
const lowered = new Map<string, string>();
const MAX_REMEMBERED = 1_000;

/** Flat. `headers` begins with the Host and holds no hop-by-hop header but `TE: trailers`. */
export function http2Headers(
  scheme: 'http' | 'https',
  method: string,
  target: string,
  headers: readonly string[],
): string[] {
  const out = [':method', method, ':path', target, ':scheme', scheme, ':authority', headers[1] ?? ''];
  for (let i = 2; i < headers.length; i += 2) out.push(lower(headers[i] as string), headers[i + 1] as string);
  return out;
}

function lower(name: string): string {
  const known = lowered.get(name);
  if (known !== undefined) return known;
  const made = name.toLowerCase();
  if (lowered.size < MAX_REMEMBERED) lowered.set(name, made);
  return made;
}
