// One family's addresses of one name, along the aliases that the servers leave to us.
import type { AbsentAnswer, AddressAnswer, Answer } from './answer.ts';
import { clampTtl } from './cache.ts';
import { CLASS, type Message, TYPE } from './message.ts';
import { type Name, nameText } from './name.ts';
import { MAX_ALIASES, type Reading, readReply } from './read-reply.ts';
import type { Budget, ServerList, Verdict } from './server-list.ts';

export type FollowOptions = {
  servers: ServerList;
  budget: Budget;
  /** Reports whether the servers are asked for this name at all; aliases may lead anywhere. */
  mayAsk: (name: Name) => boolean;
  now: () => number;
};

type Useful = Exclude<Reading, { kind: 'unusable' }>;

export async function follow(
  asked: Name,
  family: 'a' | 'aaaa',
  { servers, budget, mayAsk, now }: FollowOptions,
): Promise<Answer> {
  /** Every name from the one asked for to the one being asked now. */
  const path: Name[] = [asked];
  let ttlSeconds = Number.POSITIVE_INFINITY;
  while (path.length <= MAX_ALIASES + 1) {
    const name = path.at(-1) ?? asked;
    if (!mayAsk(name)) return { kind: 'failure', reason: 'outside-zones' };
    const question = { name, type: family === 'a' ? TYPE.A : TYPE.AAAA, class: CLASS.IN };
    const judge = (message: Message): Verdict<Useful> => {
      const reading = readReply(message, name, family, path.slice(0, -1));
      return reading.kind === 'unusable'
        ? { kind: 'refused', reason: reading.reason }
        : { kind: 'accepted', value: reading };
    };
    const reply = await servers.ask(question, budget, judge);
    if (reply.kind === 'refused') return { kind: 'failure', reason: reply.reason };
    const reading = reply.value;
    if (reading.kind === 'alias-loop') return { kind: 'failure', reason: 'alias-loop' };
    path.push(...reading.aliases);
    ttlSeconds = Math.min(ttlSeconds, reading.ttlSeconds);
    if (reading.kind === 'led-on') continue;
    const source = {
      ttlSeconds: clampTtl(ttlSeconds),
      answeredAt: now(),
      chain: path.slice(1).map(nameText),
      server: reply.server,
    };
    if (reading.kind !== 'addresses') return { kind: reading.kind, ...source } satisfies AbsentAnswer;
    return { kind: 'addresses', addresses: reading.addresses, staleSince: null, ...source } satisfies AddressAnswer;
  }
  return { kind: 'failure', reason: 'alias-loop' };
}
