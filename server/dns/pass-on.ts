// Makes a reply for one client of what another server said, or of its silence.
import { randomInt } from 'node:crypto';
import type { LookupFailure } from './answer.ts';
import type { ForwardAnswer, ForwardPlan } from './forward.ts';
import { type Message, type Question, RCODE, type ResourceRecord } from './message.ts';
import { sameName } from './name.ts';
import type { Names } from './names.ts';
import type { Life } from './packet-cache.ts';
import { blockedBy } from './plan.ts';
import { type Forwarded, targetsOf } from './read-forwarded.ts';
import { type Answered, blockedReply, EDE, replyWith } from './reply.ts';
import { negativeSoa } from './zone.ts';

/** What is no fault of the network, where the server itself did not say why. */
const EDE_OF: Readonly<Partial<Record<LookupFailure, number>>> = {
  'server-failure': EDE.other,
  'alias-loop': EDE.other,
  'server-refused': EDE.noReachable,
  lame: EDE.noReachable,
  'no-servers': EDE.noReachable,
  overloaded: EDE.noReachable,
};

/** RFC 8767 §4. */
const STALE_TTL_SECONDS = 30;

/** `isAllowed`: as planFor has it. */
export function passOn(
  found: ForwardAnswer,
  plan: ForwardPlan,
  query: Message,
  question: Question,
  names: Names,
  isAllowed: boolean,
): Answered {
  const recursionAvailable = true;
  if (found.kind === 'failed') {
    const why = found.ede ?? EDE_OF[found.reason] ?? EDE.networkError;
    return { reply: replyWith(query, RCODE.SERVFAIL, { recursionAvailable }, why), life: null, outcome: 'failed' };
  }
  const { ageSeconds, forwarded, staleSince } = found;
  if (plan.beside !== undefined && contradicts(forwarded, question)) {
    const more = { recursionAvailable, authorities: [negativeSoa(plan.beside.zone)] };
    return { reply: replyWith(query, RCODE.NOERROR, more), life: null, outcome: 'local' };
  }
  // Lists change while answers are kept, so they are asked each time (D11). Whoever allows a name allows what it needs to be of use.
  const [rule] = targetsOf(forwarded.answers).flatMap((target) => blockedBy(target, names) ?? []);
  if (rule !== undefined && !isAllowed && names.allow.match(question.name) === null)
    return { reply: blockedReply(query, question.name, rule, recursionAvailable), life: null, outcome: 'blocked' };
  const aged = (each: ResourceRecord): ResourceRecord => ({
    ...each,
    name: each.name === forwarded.asked ? question.name : each.name,
    ttlSeconds: staleSince === null ? Math.max(0, each.ttlSeconds - ageSeconds) : STALE_TTL_SECONDS,
  });
  const answers = forwarded.answers.map(aged);
  const selectsOne = plan.kind === 'private-zone' && plan.to.select === 'one';
  const wantsProof = query.authenticData || query.edns?.dnssecOk === true;
  const more = {
    recursionAvailable,
    answers: selectsOne ? oneOf(answers) : answers,
    authorities: forwarded.authorities.map(aged),
    authenticData: forwarded.authenticData && wantsProof,
  };
  const ede = staleSince !== null ? EDE.stale : forwarded.filtered ? EDE.filtered : undefined;
  const ttlSeconds = forwarded.ttlSeconds - ageSeconds;
  const life: Life | null = selectsOne || staleSince !== null || ttlSeconds <= 0 ? null : { kind: 'ages', ttlSeconds };
  return { reply: replyWith(query, forwarded.rcode, more, ede), life, outcome: 'forwarded' };
}

/** Resolvers behind us would keep it for the whole name: that it does not exist, or is an alias, while its addresses are ours. */
function contradicts({ answers, rcode }: Forwarded, { name }: Question): boolean {
  return rcode === RCODE.NXDOMAIN || answers.some((each) => each.data.kind === 'cname' && sameName(each.name, name));
}

/** One address of several, each as likely as the others; aliases stay. */
function oneOf(answers: readonly ResourceRecord[]): ResourceRecord[] {
  const isAddress = ({ data }: ResourceRecord) => data.kind === 'a' || data.kind === 'aaaa';
  const addresses = answers.filter(isAddress);
  if (addresses.length < 2) return [...answers];
  const chosen = addresses[randomInt(addresses.length)];
  return answers.filter((each) => !isAddress(each) || each === chosen);
}
