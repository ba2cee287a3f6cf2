// Looks for the CAA records that decide about a name, from the name upwards (RFC 8659 §3), each name asked once.
import { CAA_TYPE, caaClimb, parseCaa } from '#server/core/caa.ts';
import type { CaaFacts } from '#server/core/names-facts.ts';
import { nameText } from '#server/dns/name.ts';
import type { Ask } from './public-question.ts';

export type LookUpCaa = (name: string) => Promise<CaaFacts>;

export function caaLookup(ask: Ask): LookUpCaa {
  const known = new Map<string, Promise<CaaFacts>>();
  const at = (name: string): Promise<CaaFacts> => {
    const asked = known.get(name) ?? askAt(name, ask);
    known.set(name, asked);
    return asked;
  };
  return async (name) => {
    for (const each of caaClimb(name)) {
      const found = await at(each);
      if (found.kind !== 'none') return found;
    }
    return { kind: 'none' };
  };
}

async function askAt(name: string, ask: Ask): Promise<CaaFacts> {
  const answer = await ask(name, CAA_TYPE);
  if (answer === null) return { kind: 'failed' };
  const found = answer.answers.flatMap(({ data, name: owner }) => {
    const record = data.kind === 'unknown' && data.type === CAA_TYPE ? parseCaa(data.bytes) : null;
    return record ? [{ owner, record }] : [];
  });
  const [first] = found;
  if (!first) return { kind: 'none' };
  // Of a name that this one is an alias of they are that one's: beside a CNAME there can be none.
  return { kind: 'found', at: nameText(first.owner).toLowerCase(), records: found.map(({ record }) => record) };
}
