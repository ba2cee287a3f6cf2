// A site's DNS servers in order: asks the first that is well, goes on to the next, and probes those that fell silent.
import { setTimeout } from 'node:timers/promises';
import type { DnsServerAddress } from '#server/core/app.ts';
import type { LookupFailure } from './answer.ts';
import { type Circuit, isProbeDue, NEW_CIRCUIT, onAnswer, onProbe, onSilence } from './circuit.ts';
import type { Exchange } from './exchange.ts';
import { type Message, type Question, TYPE } from './message.ts';
import { type ExchangeFailure, type ExchangeResult, NO_EXTRA, type QueryExtra } from './query.ts';

/** How a server is doing, for people. `lastFailure` is why it was last passed over, and is kept when it is well again. */
export type ServerView = {
  server: DnsServerAddress;
  circuit: Circuit;
  lastFailure: { reason: LookupFailure; at: number } | null;
};

/** What one lookup may still spend: every failed try counts, whatever it was for; `endsAt` is epoch milliseconds. */
export type Budget = { triesLeft: number; endsAt: number };

/** What a caller makes of a reply; a refused one sends the question to the next server. */
export type Verdict<T> = { kind: 'accepted'; value: T } | Refused;

export type ServerReply<T> = { kind: 'accepted'; value: T; server: DnsServerAddress } | Refused;

/** `ede` is what the server itself said of it (RFC 8914). */
export type Refused = { kind: 'refused'; reason: LookupFailure; ede?: number };

export type ServerList = {
  /** Never rejects, and takes no longer than the budget. */
  ask<T>(
    question: Question,
    budget: Budget,
    judge: (message: Message) => Verdict<T>,
    extra?: QueryExtra,
  ): Promise<ServerReply<T>>;
  /** Reports whether nobody answers, so that questions fail at once; never without `checkWith`. Asking goes on to be what finds out. */
  isSilent(): boolean;
  view(): readonly ServerView[];
};

export type ServerListOptions = {
  servers: readonly DnsServerAddress[];
  exchange: Exchange;
  now: () => number;
  signal: AbortSignal;
  /** How long one server may take; 2 s where nothing is said. */
  timeoutMs?: number;
  /** After so long without a reply the next server is asked as well, and the first good reply counts; never where nothing is said. */
  hedgeMs?: number;
  /** Resolves after so many ms, or when the signal says so. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The longest wait between two probes of a silent server; 30 s where nothing is said. */
  lastProbeMs?: number;
  /**
   * A question that any server of the list answers somehow. With it, while nobody answers, it is asked once a second beside a question that
   * waits, and all others fail at once; where nothing is said, each of them asks.
   */
  checkWith?: Question;
  onSilent: (server: DnsServerAddress, reason: ExchangeFailure) => void;
  /** A server that had been silent answers again. */
  onRevival: (server: DnsServerAddress) => void;
};

const SERVER_TIMEOUT_MS = 2_000;
/** One packet may have been lost. */
const SILENCES_TO_BELIEVE = 2;
/** Long for a question whose answer every server knows. */
const CHECK_MS = 1_000;

export function createServerList(options: ServerListOptions): ServerList {
  const { exchange, now, signal, onSilent, onRevival, lastProbeMs, timeoutMs = SERVER_TIMEOUT_MS } = options;
  const { checkWith, hedgeMs, wait = waitFor } = options;
  const states: State[] = options.servers.map((server) => {
    return { server, circuit: NEW_CIRCUIT, lastFailure: null, isOvertaken: false, waiting: new Set() };
  });
  let silence = NO_SILENCE;
  let isChecking = false;

  async function askOne<T>(
    state: State,
    question: Question,
    budget: Budget,
    judge: (message: Message) => Verdict<T>,
    extra: QueryExtra = NO_EXTRA,
  ): Promise<ServerReply<T>> {
    const askedAt = now();
    const leftMs = Math.min(timeoutMs, budget.endsAt - askedAt);
    if (signal.aborted || leftMs <= 0) return { kind: 'refused', reason: signal.aborted ? 'aborted' : 'timeout' };
    const result = await new Promise<ExchangeResult>((resolve) => {
      state.waiting.add(resolve);
      void exchange(state.server, question, { timeoutMs: leftMs, signal, extra }).then((heard) => {
        state.waiting.delete(resolve);
        resolve(heard);
        record(state, question, heard, askedAt);
      });
    });
    const verdict =
      result.kind === 'answered' ? judge(result.message) : ({ kind: 'refused', reason: result.reason } as const);
    if (verdict.kind === 'accepted') return { ...verdict, server: state.server };
    budget.triesLeft--;
    if (verdict.reason !== 'aborted') state.lastFailure = { reason: verdict.reason, at: now() };
    return verdict;
  }

  function record(state: State, question: Question, result: ExchangeResult, askedAt: number): void {
    state.isOvertaken = false;
    const before = state.circuit;
    const heard = heardFrom(result, question, before);
    if (heard === 'answer') state.circuit = onAnswer(now());
    if (heard === 'answer') silence = NO_SILENCE;
    if (heard === 'silence') state.circuit = onSilence(before, askedAt, now(), lastProbeMs);
    if (state.circuit.kind === 'open' && state.circuit !== before && result.kind === 'failed')
      silence = deepened(before, askedAt, result.reason);
    if (before.kind === 'open' && state.circuit.kind === 'closed') onRevival(state.server);
    if (heard === 'silence' && (before.kind === 'closed' || (isWhole() && !silence.isProven))) void check();
    if (before.kind === 'open' || state.circuit.kind === 'closed') return;
    // Who is silent for one question is so for all that wait: where another server is well they go on to it at once.
    if (states.some(({ circuit }) => circuit.kind === 'closed')) for (const goOn of state.waiting) goOn(result);
    if (result.kind === 'failed') onSilent(state.server, result.reason);
  }

  /** Who was asked before somebody answered, or before everybody was silent but once was known to be, adds nothing. */
  function deepened(before: Circuit, askedAt: number, reason: ExchangeFailure): Silence {
    const isLater = states.every(({ circuit }) => circuit.lastAnswerAt <= askedAt);
    const isNews = isLater && (before.kind === 'closed' || askedAt >= silence.since);
    const since = isWhole() ? Math.min(silence.since, now()) : Number.POSITIVE_INFINITY;
    return { ...silence, count: silence.count + (isNews ? 1 : 0), since, reason };
  }

  function isWhole(): boolean {
    return states.every(({ circuit }) => circuit.kind === 'open');
  }

  /** A name that nobody answers for says nothing of the servers: whether they are there is asked with a question of the list's own. */
  async function check(): Promise<void> {
    if (checkWith === undefined || isChecking) return;
    isChecking = true;
    const askedAt = now();
    const options = { timeoutMs: Math.min(timeoutMs, CHECK_MS), signal, extra: NO_EXTRA };
    const answers = states.map(async (state) => {
      const result = await exchange(state.server, checkWith, options);
      record(state, checkWith, result, askedAt);
      return result.kind === 'answered';
    });
    const isAnswered = (await Promise.all(answers)).includes(true);
    isChecking = false;
    if (!isAnswered && !signal.aborted && isWhole()) silence = { ...silence, isProven: true };
  }

  /** In order. A packet may have been lost, so who was silent gets a second chance after everybody had the first. */
  async function askInTurn<T>(
    well: readonly State[],
    ...[question, budget, judge, extra]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    const queue = [...well];
    const silent = new Set<State>();
    let last: ServerReply<T> = NO_SERVERS;
    for (let state = queue.shift(); state !== undefined && budget.triesLeft > 0; state = queue.shift()) {
      last = await askOne(state, question, budget, judge, extra);
      if (last.kind === 'accepted') return last;
      if (last.reason === 'timeout' && !silent.has(state)) queue.push(state);
      silent.add(state);
    }
    return last;
  }

  /**
   * The first server, and when that takes long the next ones beside it: a dead one costs a question `hedgeMs` until its circuit is open, and
   * with all of them dead the answer comes before most clients ask again. A second chance would only be more of the same then.
   */
  async function askHedged<T>(
    [first, ...others]: readonly State[],
    afterMs: number,
    ...[question, budget, judge, extra]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    if (first === undefined) return NO_SERVERS;
    const decided = new AbortController();
    const reply = askOne(first, question, budget, judge, extra);
    const soon = await Promise.race([reply, wait(afterMs, decided.signal).then(() => null)]);
    decided.abort();
    if (soon?.kind === 'accepted') return soon;
    if (soon !== null) return askInTurn(others, question, budget, judge, extra);
    let isLate = true;
    void reply.then(() => {
      isLate = false;
    });
    const beside = askEachOnce(others, question, budget, judge, extra).then((other) => {
      first.isOvertaken = other.kind === 'accepted' && isLate;
      return other;
    });
    return Promise.any([reply, beside].map(acceptedOnly)).catch(async () => beside);
  }

  async function askEachOnce<T>(
    some: readonly State[],
    ...[question, budget, judge, extra]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    let last: ServerReply<T> = NO_SERVERS;
    for (const state of some) {
      if (budget.triesLeft <= 0) break;
      last = await askOne(state, question, budget, judge, extra);
      if (last.kind === 'accepted') break;
    }
    return last;
  }

  /**
   * When no server is known to be well, waiting for each in turn would only add up: as many as may be are asked, whose probe is due
   * longest before the others, and the first good reply counts.
   */
  async function askAllAtOnce<T>(
    chosen: readonly State[],
    ...[question, budget, judge, extra]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    const replies = chosen.map((state) => askOne(state, question, budget, judge, extra));
    return Promise.any(replies.map(acceptedOnly)).catch(async () => (await replies[0]) ?? NO_SERVERS);
  }

  /**
   * When that was found more than once, waiting would help nobody: one question now and then goes on to be the probe, since it may be the
   * first one after everything is well again, and all others fail at once.
   */
  async function askSilent<T>(...[question, budget, judge, extra]: Parameters<typeof ask<T>>): Promise<ServerReply<T>> {
    if (!states.some(({ circuit }) => isProbeDue(circuit, now()))) return { kind: 'refused', reason: silence.reason };
    // What comes back is to be noticed soon: a probe that gets no answer delays the next one no longer than any other.
    const waitMs = Math.min(timeoutMs, lastProbeMs ?? timeoutMs);
    const chosen = longestDue(budget);
    for (const state of chosen) state.circuit = onProbe(state.circuit, now(), waitMs);
    // Whoever asks for names that nobody answers for keeps nobody from learning that the servers are back.
    void check();
    return askAllAtOnce(chosen, question, budget, judge, extra);
  }

  function longestDue({ triesLeft }: Budget): State[] {
    return states.toSorted((one, other) => probeAt(one) - probeAt(other)).slice(0, Math.max(0, triesLeft));
  }

  function isSilent(): boolean {
    return silence.isProven && silence.count >= SILENCES_TO_BELIEVE && silence.since < Number.POSITIVE_INFINITY;
  }

  /** A silent server is probed beside the question that another one answers, so that nobody waits for it. */
  function probeSilent(question: Question): void {
    for (const state of states) {
      if (!isProbeDue(state.circuit, now())) continue;
      state.circuit = onProbe(state.circuit, now(), timeoutMs);
      const probe = { triesLeft: 1, endsAt: now() + timeoutMs };
      void askOne(state, question, probe, () => ({ kind: 'accepted', value: null }));
    }
  }

  function ask<T>(
    question: Question,
    budget: Budget,
    judge: (message: Message) => Verdict<T>,
    extra: QueryExtra = NO_EXTRA,
  ): Promise<ServerReply<T>> {
    if (isSilent()) return askSilent(question, budget, judge, extra);
    const well = states.filter(({ circuit }) => circuit.kind === 'closed');
    if (well.length === 0) return askAllAtOnce(longestDue(budget), question, budget, judge, extra);
    probeSilent(question);
    return askWell(well, question, budget, judge, extra);
  }

  /** Who was overtaken is asked when nobody else has a good reply. */
  async function askWell<T>(
    well: readonly State[],
    ...[question, budget, judge, extra]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    const prompt = well.filter(({ isOvertaken }) => !isOvertaken);
    const [first, last] = prompt.length > 0 ? [prompt, well.filter(({ isOvertaken }) => isOvertaken)] : [well, []];
    const reply =
      hedgeMs !== undefined && first.length > 1
        ? await askHedged(first, hedgeMs, question, budget, judge, extra)
        : await askInTurn(first, question, budget, judge, extra);
    if (reply.kind === 'accepted') return reply;
    const other = await askEachOnce(last, question, budget, judge, extra);
    return other.kind === 'accepted' ? other : reply;
  }

  return {
    ask,
    isSilent,
    view: () => states.map(({ server, circuit, lastFailure }) => ({ server, circuit, lastFailure })),
  };
}

/**
 * What was learnt since the last answer: how often anew that a server says nothing, why, since when none of them is well (infinity while one
 * is), and whether the list's own question had no answer either.
 */
type Silence = { count: number; since: number; reason: ExchangeFailure; isProven: boolean };
const NO_SILENCE: Silence = { count: 0, since: Number.POSITIVE_INFINITY, reason: 'timeout', isProven: false };

/**
 * `isOvertaken`: another one answered while this one still thinks; until it says something it is the last to be asked.
 * `waiting`: what gives each question that is out a result, though the server has not.
 */
type State = ServerView & { isOvertaken: boolean; waiting: Set<(result: ExchangeResult) => void> };

async function acceptedOnly<T>(reply: Promise<ServerReply<T>>): Promise<ServerReply<T>> {
  const value = await reply;
  return value.kind === 'accepted' ? value : Promise.reject(value);
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}

function probeAt({ circuit }: State): number {
  return circuit.kind === 'open' ? circuit.probeAt : 0;
}

/** RFC 4074 §4.1: some servers ignore AAAA questions only. The A question that goes out beside each shows whether a server lives. */
function heardFrom(result: ExchangeResult, question: Question, circuit: Circuit): 'answer' | 'silence' | 'nothing' {
  if (result.kind === 'answered') return 'answer';
  const isEvidence = question.type !== TYPE.AAAA || circuit.kind === 'open';
  return NOT_ASKED.has(result.reason) || !isEvidence ? 'nothing' : 'silence';
}

const NOT_ASKED: ReadonlySet<ExchangeFailure> = new Set(['aborted', 'overloaded']);
const NO_SERVERS = { kind: 'refused', reason: 'no-servers' } as const;
