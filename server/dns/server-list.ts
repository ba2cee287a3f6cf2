// A site's DNS servers in order: asks the first that is well, goes on to the next, and probes those that fell silent.
import type { Endpoint } from '#server/core/app.ts';
import type { LookupFailure } from './answer.ts';
import { type Circuit, isProbeDue, NEW_CIRCUIT, onAnswer, onProbe, onSilence } from './circuit.ts';
import type { Exchange } from './exchange.ts';
import { type Message, type Question, TYPE } from './message.ts';
import type { ExchangeResult } from './query.ts';

/** How a server is doing, for people. */
export type ServerView = { server: Endpoint; circuit: Circuit };

/** What one lookup may still spend: every failed try counts, whatever it was for; `endsAt` is epoch milliseconds. */
export type Budget = { triesLeft: number; endsAt: number };

/** What a caller makes of a reply; a refused one sends the question to the next server. */
export type Verdict<T> = { kind: 'accepted'; value: T } | { kind: 'refused'; reason: LookupFailure };

export type ServerReply<T> =
  | { kind: 'accepted'; value: T; server: Endpoint }
  | { kind: 'refused'; reason: LookupFailure };

export type ServerList = {
  /** Never rejects, and takes no longer than the budget. */
  ask<T>(question: Question, budget: Budget, judge: (message: Message) => Verdict<T>): Promise<ServerReply<T>>;
  view(): readonly ServerView[];
};

export type ServerListOptions = {
  servers: readonly Endpoint[];
  exchange: Exchange;
  now: () => number;
  signal: AbortSignal;
  onSilent: (server: Endpoint) => void;
  /** A server that had been silent answers again. */
  onRevival: (server: Endpoint) => void;
};

const SERVER_TIMEOUT_MS = 2_000;

export function createServerList(options: ServerListOptions): ServerList {
  const { exchange, now, signal, onSilent, onRevival } = options;
  const states: State[] = options.servers.map((server) => ({ server, circuit: NEW_CIRCUIT }));

  async function askOne<T>(
    state: State,
    question: Question,
    budget: Budget,
    judge: (message: Message) => Verdict<T>,
  ): Promise<ServerReply<T>> {
    const askedAt = now();
    const timeoutMs = Math.min(SERVER_TIMEOUT_MS, budget.endsAt - askedAt);
    if (signal.aborted || timeoutMs <= 0) return { kind: 'refused', reason: signal.aborted ? 'aborted' : 'timeout' };
    const result = await exchange(state.server, question, { timeoutMs, signal });
    record(state, heardFrom(result, question, state.circuit), askedAt);
    const verdict =
      result.kind === 'answered' ? judge(result.message) : ({ kind: 'refused', reason: result.reason } as const);
    if (verdict.kind === 'refused') budget.triesLeft--;
    return verdict.kind === 'refused' ? verdict : { ...verdict, server: state.server };
  }

  function record(state: State, heard: 'answer' | 'silence' | 'nothing', askedAt: number): void {
    const wasOpen = state.circuit.kind === 'open';
    if (heard === 'answer') state.circuit = onAnswer(now());
    if (heard === 'silence') state.circuit = onSilence(state.circuit, askedAt, now());
    const isOpen = state.circuit.kind === 'open';
    if (wasOpen && !isOpen) onRevival(state.server);
    if (!wasOpen && isOpen) onSilent(state.server);
  }

  /** In order. A packet may have been lost, so who was silent gets a second chance after everybody had the first. */
  async function askInTurn<T>(
    well: readonly State[],
    ...[question, budget, judge]: Parameters<typeof ask<T>>
  ): Promise<ServerReply<T>> {
    const queue = [...well];
    const silent = new Set<State>();
    let last: ServerReply<T> = NO_SERVERS;
    for (let state = queue.shift(); state !== undefined && budget.triesLeft > 0; state = queue.shift()) {
      last = await askOne(state, question, budget, judge);
      if (last.kind === 'accepted') return last;
      if (last.reason === 'timeout' && !silent.has(state)) queue.push(state);
      silent.add(state);
    }
    return last;
  }

  /** When no server is known to be well, waiting for each in turn would only add up: all are asked and the first good reply counts. */
  async function askAllAtOnce<T>(...[question, budget, judge]: Parameters<typeof ask<T>>): Promise<ServerReply<T>> {
    const replies = states
      .slice(0, Math.max(0, budget.triesLeft))
      .map((state) => askOne(state, question, budget, judge));
    const accepted = replies.map((reply) =>
      reply.then((value) => (value.kind === 'accepted' ? value : Promise.reject(value))),
    );
    return Promise.any(accepted).catch(async () => (await replies[0]) ?? NO_SERVERS);
  }

  /** A silent server is probed beside the question that another one answers, so that nobody waits for it. */
  function probeSilent(question: Question): void {
    for (const state of states) {
      if (!isProbeDue(state.circuit, now())) continue;
      state.circuit = onProbe(state.circuit, now(), SERVER_TIMEOUT_MS);
      const probe = { triesLeft: 1, endsAt: now() + SERVER_TIMEOUT_MS };
      void askOne(state, question, probe, () => ({ kind: 'accepted', value: null }));
    }
  }

  function ask<T>(
    question: Question,
    budget: Budget,
    judge: (message: Message) => Verdict<T>,
  ): Promise<ServerReply<T>> {
    const well = states.filter(({ circuit }) => circuit.kind === 'closed');
    if (well.length === 0) return askAllAtOnce(question, budget, judge);
    probeSilent(question);
    return askInTurn(well, question, budget, judge);
  }

  return { ask, view: () => states.map(({ server, circuit }) => ({ server, circuit })) };
}

type State = { server: Endpoint; circuit: Circuit };

/** RFC 4074 §4.1: some servers ignore AAAA questions only. The A question that goes out beside each shows whether a server lives. */
function heardFrom(result: ExchangeResult, question: Question, circuit: Circuit): 'answer' | 'silence' | 'nothing' {
  if (result.kind === 'answered') return 'answer';
  const isEvidence = question.type !== TYPE.AAAA || circuit.kind === 'open';
  return result.reason === 'aborted' || !isEvidence ? 'nothing' : 'silence';
}

const NO_SERVERS = { kind: 'refused', reason: 'no-servers' } as const;
