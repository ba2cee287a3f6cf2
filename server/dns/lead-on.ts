// Where an answer ends in an alias, and what comes of the answer and of the one about the alias's target. Pure.
import { type Message, type Question, RCODE, TYPE, typeOf } from './message.ts';
import type { Name } from './name.ts';
import type { Life } from './packet-cache.ts';
import type { Answered } from './reply.ts';

const RRSIG = 46;

/** Where the last alias of our own records leads, if that is all there is. */
export function aliasLeftOpen({ answers, authorities, rcode }: Message, { type }: Question): Name | null {
  if (rcode !== RCODE.NOERROR || type === TYPE.CNAME || authorities.length > 0) return null;
  const last = answers.findLast(({ data }) => typeOf(data) !== RRSIG)?.data;
  return last?.kind === 'cname' ? last.target : null;
}

/** One answer of two: what is said of it is what holds for both. */
export function joined(alias: Answered, rest: Answered): Answered {
  const [first, second] = [alias.reply, rest.reply];
  return {
    ...rest,
    life: shorter(alias, rest),
    reply: {
      ...second,
      isAuthoritative: false,
      recursionAvailable: first.recursionAvailable || second.recursionAvailable,
      authenticData: first.authenticData && second.authenticData,
      answers: [...first.answers, ...second.answers],
      authorities: [...first.authorities, ...second.authorities],
      // An extended error is about the part that it came with.
      edns: second.edns?.options.length === 0 ? first.edns : second.edns,
    },
  };
}

/** Kept together, records of ours age with those that were asked for: no longer than the first of them has come down to nothing. */
function shorter(...parts: readonly Answered[]): Life | null {
  const lives = parts.map(({ life }) => life);
  if (lives.includes(null)) return null;
  if (lives.every((life) => life?.kind === 'fixed')) return { kind: 'fixed' };
  const seconds = parts.flatMap(({ life, reply }) =>
    life?.kind === 'ages'
      ? life.ttlSeconds
      : [...reply.answers, ...reply.authorities].map(({ ttlSeconds }) => ttlSeconds),
  );
  const ttlSeconds = Math.min(...seconds);
  return ttlSeconds > 0 ? { kind: 'ages', ttlSeconds } : null;
}
