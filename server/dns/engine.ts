// A DNS server's answers: a packet in, the plan for its question, and a packet out. Sockets are listen.ts, decisions plan.ts, other servers forward.ts.
import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { type Address, networkOf } from '#server/core/address.ts';
import { answerHere } from './answer-here.ts';
import type { Answerer, Client } from './answerer.ts';
import type { Exchange } from './exchange.ts';
import { createForwarder, type ForwardAnswer, type ForwarderView } from './forward.ts';
import { readInbound, replyToQuery, writeReply } from './inbound.ts';
import { aliasLeftOpen, joined } from './lead-on.ts';
import { isLooping, markedWith } from './loop-mark.ts';
import { type Message, type Question, RCODE } from './message.ts';
import { type Name, sameName } from './name.ts';
import { type Names, NO_LEASES } from './names.ts';
import { onceAMinute } from './once-a-minute.ts';
import { createPacketCache } from './packet-cache.ts';
import { passOn } from './pass-on.ts';
import { planFor } from './plan.ts';
import { createRateLimit } from './rate-limit.ts';
import { MAX_ALIASES } from './read-reply.ts';
import { type Answered, EDE, OUTCOMES, type Outcome, replyWith } from './reply.ts';

export type EngineOptions = {
  /** Read once per query. */
  names: () => Names;
  exchange: Exchange;
  now: () => number;
  log: Logger;
  /** Reports whether a client may ask for more than public zones; everybody where nothing is said. */
  mayAsk?: (client: Address) => boolean;
  /** Questions a second of one client, by packets and by connections each, read for each; null for any number. Loopback is never limited. */
  perSecond?: () => number | null;
  maxOctets?: number;
  maxFlights?: number;
};

export type Engine = {
  answer: Answerer;
  /** For a question that came by a connection: 0, or the ms that it has to wait. */
  hold(client: Client): number;
  view(): EngineView;
  close(): void;
};

/** Plans and refusals are counted by what became of the query. */
export type EngineView = ForwarderView & { outcomes: Readonly<Record<Outcome, number>>; packetOctets: number };

const PACKET_CACHE_OCTETS = 8 * 1024 * 1024;
/** Clients wait no longer than about that, however many servers an alias leads through. */
const LEAD_ON_MS = 5_000;

/**
 * The names that aliases led to from one server to the next, the one asked for first; until when (epoch milliseconds) another one is asked for; and
 * whether one before the last is on the allow list, which allows what it leads to.
 */
type Path = { passed: readonly Name[]; endsAt: number; isAllowed: boolean };

export function createEngine(options: EngineOptions): Engine {
  const { names, now, log, mayAsk = () => true, perSecond = () => null } = options;
  const forwarder = createForwarder(options);
  const rates = createRateLimit({ perSecond });
  const packets = createPacketCache({ maxBytes: PACKET_CACHE_OCTETS });
  const mark = randomBytes(8);
  const maySayLoop = onceAMinute();
  const outcomes = countsOf(OUTCOMES);

  function answer(packet: Uint8Array, client: Client): Buffer | null | Promise<Buffer | null> {
    const current = names();
    const { address, transport } = client;
    const isStranger = !mayAsk(address);
    const rate = transport === 'udp' && !isLoopback(address) ? rates.take(address, now()) : 'answer';
    if (rate !== 'answer') outcomes.limited++;
    if (rate === 'drop') return null;
    const way = transport === 'udp' ? 'udp' : 'stream';
    const known = rate === 'answer' && !isStranger ? packets.read(packet, way, current, now()) : null;
    if (known !== null) {
      outcomes.repeated++;
      return known;
    }
    const inbound = readInbound(packet);
    if (inbound.kind === 'nothing') return null;
    if (inbound.kind === 'reply') {
      outcomes.malformed++;
      return writeReply(inbound.reply, null, transport);
    }
    const { query, question } = inbound;
    if (rate === 'slip')
      return writeReply({ ...replyToQuery(query, RCODE.NOERROR), isTruncated: true }, query, transport);
    if (isStranger && !isForEverybody(query, question, current)) {
      outcomes.refused++;
      return writeReply(replyWith(query, RCODE.REFUSED, {}, EDE.prohibited), query, transport);
    }
    const finish = ({ life, outcome, reply }: Answered): Buffer => {
      outcomes[outcome]++;
      const bytes = writeReply(reply, query, transport);
      // A lease that comes later would be hidden by what was said before it.
      if (life !== null && current.leases === NO_LEASES) packets.store(packet, way, current, bytes, life, now());
      return bytes;
    };
    const path = { passed: [question.name], endsAt: now() + LEAD_ON_MS, isAllowed: false };
    const answered = answerQuery(query, question, client, current, path);
    return answered instanceof Promise ? answered.then(finish) : finish(answered);
  }

  function answerQuery(
    query: Message,
    question: Question,
    client: Client,
    current: Names,
    path: Path,
  ): Answered | Promise<Answered> {
    const plan = planFor(question, current, query.recursionDesired, path.isAllowed);
    if (plan.kind === 'local') {
      const answered = answerHere(plan, query, question, client.address, current);
      return leadOn(answered, aliasLeftOpen(answered.reply, question), query, question, client, current, path);
    }
    if (plan.kind !== 'private-zone' && plan.kind !== 'upstream')
      return answerHere(plan, query, question, client.address, current);
    if (isLooping(query, mark)) {
      if (maySayLoop(now())) log.warn('a DNS query came back to us: two servers forward it to each other');
      return { reply: replyWith(query, RCODE.SERVFAIL, {}, EDE.other), life: null, outcome: 'failed' };
    }
    const extra = {
      dnssecOk: query.edns?.dnssecOk ?? false,
      checkingDisabled: query.checkingDisabled,
      options: [markedWith(query, mark)],
    };
    const found = forwarder.answer({ question, plan, names: current, extra, client: networkOf(client.address) });
    const finish = (reply: ForwardAnswer): Answered | Promise<Answered> => {
      const answered = passOn(reply, plan, query, question, current, path.isAllowed);
      const target = reply.kind === 'reply' && answered.outcome === 'forwarded' ? reply.forwarded.leadsTo : null;
      return leadOn(answered, target, query, question, client, current, path);
    };
    return found instanceof Promise ? found.then(finish) : finish(found);
  }

  /** An alias may lead to what others know, and who asks a resolver does not go on by himself (RFC 1034 §5.3.1). */
  function leadOn(
    answered: Answered,
    target: Name | null,
    query: Message,
    question: Question,
    client: Client,
    current: Names,
    { endsAt, passed, ...path }: Path,
  ): Answered | Promise<Answered> {
    if (target === null || !query.recursionDesired) return answered;
    const onward = { ...question, name: target };
    const isAllowed = path.isAllowed || current.allow.match(question.name) !== null;
    // Nobody is asked for it: that it is an alias is all that anybody here can say.
    if (planFor(onward, current, true, isAllowed).kind === 'nobody') return answered;
    if (passed.length > MAX_ALIASES || passed.some((name) => sameName(name, target)) || now() >= endsAt)
      return {
        reply: replyWith(query, RCODE.SERVFAIL, { recursionAvailable: true }, EDE.other),
        life: null,
        outcome: 'failed',
      };
    const rest = answerQuery(query, onward, client, current, { endsAt, passed: [...passed, target], isAllowed });
    return rest instanceof Promise ? rest.then((late) => joined(answered, late)) : joined(answered, rest);
  }

  function hold({ address }: Client): number {
    const waitMs = isLoopback(address) ? 0 : rates.hold(address, now());
    if (waitMs > 0) outcomes.limited++;
    return waitMs;
  }

  return {
    answer,
    hold,
    view: () => ({ ...forwarder.view(), outcomes: { ...outcomes }, packetOctets: packets.bytes }),
    close: () => forwarder.close(),
  };
}

function countsOf<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

/** The rest of the Internet is answered for what is delegated to us, and for nothing else. */
function isForEverybody(query: Message, question: Question, names: Names): boolean {
  const plan = planFor(question, names, query.recursionDesired);
  return plan.kind === 'hosted' && plan.hosted.isPublic === true;
}

function isLoopback(address: Address): boolean {
  return address === '::1' || address.startsWith('127.');
}
