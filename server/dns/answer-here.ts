// Answers by every plan that needs no other server.
import { type Address, parseAddress } from '#server/core/address.ts';
import { authoritative, hinfoFor, type Sections } from './authority.ts';
import type { ForwardPlan } from './forward.ts';
import { type Message, type Question, RCODE, TYPE } from './message.ts';
import { type Name, nameKeys, sameName } from './name.ts';
import type { HostedView, HostedZone, Names } from './names.ts';
import type { Life } from './packet-cache.ts';
import { type Plan, planFor } from './plan.ts';
import { type Answered, absence, blockedReply, EDE, type More, type Outcome, record, replyWith } from './reply.ts';
import { covering, zoneIndex } from './zone-index.ts';

const LEASE_TTL_SECONDS = 15;
const LOCAL_TTL_SECONDS = 60;
const FIXED: Life = { kind: 'fixed' };

/** Everything that needs nobody else. */
export function answerHere(
  plan: Exclude<Plan, ForwardPlan>,
  query: Message,
  question: Question,
  client: Address,
  names: Names,
): Answered {
  const { name, type } = question;
  const recursionAvailable = names.upstreams !== null || names.routes.length > 0;
  const answered = (outcome: Outcome, rcode: number, more: More, ede?: number): Answered => {
    const reply = replyWith(query, rcode, { recursionAvailable, ...more }, ede);
    return { reply, life: FIXED, outcome };
  };
  switch (plan.kind) {
    case 'refuse':
      return answered('refused', plan.rcode, {});
    case 'nobody':
      return answered('refused', RCODE.REFUSED, {});
    case 'minimal-any':
      return answered('local', RCODE.NOERROR, { answers: [hinfoFor(name)] });
    case 'block':
      return { reply: blockedReply(query, name, plan.rule, recursionAvailable), life: FIXED, outcome: 'blocked' };
    case 'lease': {
      const address = plan.address === null ? null : ({ kind: 'a', address: plan.address } as const);
      const more = address ? { answers: [record(name, LEASE_TTL_SECONDS, address)] } : absence(name, LEASE_TTL_SECONDS);
      // Leases come and go while the names stay the same.
      return { ...answered('local', RCODE.NOERROR, more), life: null };
    }
    case 'lease-name': {
      const answers = [record(name, LEASE_TTL_SECONDS, { kind: 'ptr', target: plan.name })];
      return { ...answered('local', RCODE.NOERROR, { answers }), life: null };
    }
    case 'local': {
      const sections = localSections(plan, question, names);
      if (sections.rcode === RCODE.SERVFAIL) return answered('failed', RCODE.SERVFAIL, {}, EDE.other);
      const isAuthoritative = plan.local.covers === 'whole' && sections.isAuthoritative === true;
      return answered('local', RCODE.NOERROR, { ...sections, isAuthoritative });
    }
    case 'hosted':
      return { ...hostedReply(plan.hosted, query, question, client, names), life: null };
    case 'loopback':
      return answered('local', RCODE.NOERROR, loopbackSections(name, type));
    case 'nowhere':
      return answered('local', RCODE.NXDOMAIN, absence(plan.apex, LOCAL_TTL_SECONDS));
    default:
      return plan satisfies never;
  }
}

/** RA stays off, whatever else is forwarded: resolvers take RA without AA for a lame server, and here we are the authority. */
function hostedReply(
  hosted: HostedZone,
  query: Message,
  question: Question,
  client: Address,
  names: Names,
): Omit<Answered, 'life'> {
  const zone = hosted.zoneFor(client);
  if (zone === null || isUnsaid(zone, question))
    return { reply: replyWith(query, RCODE.SERVFAIL, {}, EDE.notReady), outcome: 'failed' };
  const sections = authoritative(question, zone, (target) => {
    for (const each of covering(zoneIndex(names).hosted, nameKeys(target))) {
      const next = each.zoneFor(client);
      return next !== null && isUnsaid(next, { ...question, name: target }) ? null : next;
    }
    return null;
  });
  if (sections.rcode === RCODE.SERVFAIL)
    return { reply: replyWith(query, RCODE.SERVFAIL, {}, EDE.other), outcome: 'failed' };
  return { reply: replyWith(query, RCODE.NOERROR, sections), outcome: 'hosted' };
}

/** Resolvers go on to another of its servers, and remember no absence. */
function isUnsaid(zone: HostedView, { name, type }: Question): boolean {
  return zone.isUnsaid === true && (type === TYPE.A || type === TYPE.AAAA) && sameName(name, zone.origin);
}

/** The zone is asked by its own spelling; what it says is told by the one that was asked. */
function localSections(plan: Extract<Plan, { kind: 'local' }>, question: Question, names: Names): Sections {
  const inner = { ...question, name: plan.name };
  const sections = authoritative(inner, plan.local.zone, (target) => {
    const next = planFor({ ...question, name: target }, names, true);
    return next.kind === 'local' && next.name === target ? next.local.zone : null;
  });
  if (plan.name === question.name) return sections;
  const answers = sections.answers?.map((each) => (each.name === plan.name ? { ...each, name: question.name } : each));
  return answers ? { ...sections, answers } : sections;
}

function loopbackSections(name: Name, type: number): Sections {
  const text = type === TYPE.A ? '127.0.0.1' : type === TYPE.AAAA ? '::1' : null;
  const address = text === null ? null : parseAddress(text);
  if (address === null) return absence(name, LOCAL_TTL_SECONDS);
  return { answers: [record(name, LOCAL_TTL_SECONDS, { kind: type === TYPE.A ? 'a' : 'aaaa', address })] };
}
