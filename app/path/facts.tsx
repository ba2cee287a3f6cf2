// The facts of a step, line by line, for those who may see them all.
'use client';
import type { ReactNode } from 'react';
import type { DnsHop, GatewayKnock, PathStep, PrivateAnswer, ShownCertificate } from '#server/core/path.ts';
import { Time } from '../ui/time.tsx';
import { type AnyText, useDuration, usePathText } from './path-texts.ts';

type Line = { label: string; value: ReactNode; note?: string };

export function Facts({ step }: { step: PathStep }) {
  const t = usePathText();
  const duration = useDuration();
  const lines = linesOf(step, t, duration);
  return (
    <dl className="grid gap-x-4 gap-y-1.5 text-[0.8125rem] sm:grid-cols-[8.5rem_minmax(0,1fr)]">
      {lines.map(({ label, note, value }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one step come at once and never move
        <div key={at} className="contents">
          <dt className="wrap-anywhere text-muted max-sm:not-first:mt-1">{label}</dt>
          <dd className="min-w-0 wrap-anywhere">
            {value}
            {note && <span className="ms-2 text-muted tabular-nums">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether there is anything to show. */
export function hasFacts(step: PathStep): boolean {
  if (step.facts === null) return false;
  return step.code !== 'localhost-name' && step.code !== 'plain-localhost' && step.code !== 'site-missing';
}

function linesOf(step: PathStep, t: AnyText, duration: (ms: number) => string): Line[] {
  if (step.facts === null) return [];
  switch (step.step) {
    case 'public-dns': {
      const { lookup } = step.facts;
      return [
        ...lookup.hops.map((hop) => hopLine(hop, t)),
        { label: t('facts.asked'), value: lookup.servers.join(', ') },
      ];
    }
    case 'gateway-address': {
      const { inside, lookup, outside } = step.facts;
      return [
        ...(lookup?.hops ?? []).map((hop) => hopLine(hop, t)),
        ...outside.map((knock) => knockLine(t('facts.outside'), knock, t, duration)),
        ...(inside ? [knockLine(t('facts.inside'), inside, t, duration)] : []),
      ];
    }
    case 'certificate': {
      const { at, certificate, detail, distrust } = step.facts;
      return [
        ...(certificate ? certificateLines(certificate, t) : []),
        ...line(t('facts.distrust'), distrust),
        ...line(t('facts.reason'), detail),
        ...line(t('facts.shownAt'), at),
      ];
    }
    case 'sign-in': {
      const { localAccounts, providers } = step.facts;
      return [
        { label: t('facts.localAccounts'), value: localAccounts ? t('facts.there') : t('facts.none') },
        ...providers.map(({ detail, issuer, name, outcome, tookMs }) => ({
          label: name,
          value: [t(`outcomes.${outcome}`), detail, issuer].filter(Boolean).join(' · '),
          note: duration(tookMs),
        })),
      ];
    }
    case 'policy': {
      const { by, maintenance, person, until } = step.facts;
      return [
        ...(person ? [{ label: t('facts.person'), value: `${person.name}, ${person.email}` }] : []),
        ...(by
          ? [{ label: t('facts.by'), value: t(`by.${by.kind}`, by.kind === 'group' ? { group: by.name } : {}) }]
          : []),
        ...(until === null ? [] : [{ label: t('facts.until'), value: <Time at={until} /> }]),
        ...line(t('facts.notice'), maintenance),
      ];
    }
    case 'private-dns': {
      const { answers, held, literals, passedOver, servers } = step.facts;
      const kept = Math.max(...answers.map(({ ttlSeconds }) => ttlSeconds ?? 0));
      return [
        ...answers.flatMap((answer) => answerLines(answer.host, answer, t)),
        ...literals.map((literal) => ({ label: literal, value: t('says.private-dns.literal-address') })),
        ...servers.flatMap(({ answers: said, server }) =>
          said.map((answer) => ({
            label: server,
            value: [t(`outcomes.${answer.outcome}`), answer.addresses.join(', ')].filter(Boolean).join(' · '),
            note: duration(answer.tookMs),
          })),
        ),
        ...held.map(({ addresses, answeredAt, gateway, outcome, staleSince }) => ({
          label: t('facts.held', { gateway }),
          value: addresses.join(', ') || t(`outcomes.${outcome}`),
          ...(answeredAt === null
            ? {}
            : { note: t(staleSince === null ? 'facts.heldSince' : 'facts.heldPast', { at: new Date(answeredAt) }) }),
        })),
        ...passedOver.map(({ gateway, reason, server, since }) => ({
          label: t('facts.passesOver', { gateway }),
          value: [server, t(`outcomes.${reason}`)].join(' · '),
          note: t('facts.heldSince', { at: new Date(since) }),
        })),
        ...(kept > 0 ? [{ label: t('facts.kept'), value: t('facts.keptFor', { seconds: kept }) }] : []),
      ];
    }
    case 'connect':
      return step.facts.attempts.map(({ address, host, outcome, port, refusal, tookMs }) => ({
        label: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
        value: [t(`outcomes.${outcome}`), refusal && t(`refusals.${refusal}`), host === address ? '' : host]
          .filter(Boolean)
          .join(' · '),
        ...(outcome === 'not-allowed' ? {} : { note: duration(tookMs) }),
      }));
    case 'tls':
      return [
        { label: t('facts.trust'), value: t(`facts.trustOf.${step.facts.trust}`) },
        ...step.facts.attempts.flatMap(({ address, certificate, detail, outcome, tookMs }) => [
          {
            label: address,
            value: [t(`outcomes.${outcome}`), detail].filter(Boolean).join(' · '),
            note: duration(tookMs),
          },
          ...(certificate ? certificateLines(certificate, t) : []),
        ]),
      ];
    case 'answer': {
      const { detail, fault, host, location, status, target } = step.facts;
      return [
        { label: t('facts.request'), value: `GET ${target}` },
        { label: t('facts.host'), value: host },
        ...line(t('facts.status'), status === null ? null : String(status)),
        ...line(t('facts.location'), location),
        ...line(fault === null ? t('facts.software') : t('facts.reason'), detail),
      ];
    }
    default:
      return step satisfies never;
  }
}

function line(label: string, value: string | null): Line[] {
  return value ? [{ label, value }] : [];
}

function hopLine({ name, ttlSeconds, type, value }: DnsHop, t: AnyText): Line {
  return { label: name, value: `${type} ${value}`, note: t('facts.ttl', { seconds: ttlSeconds }) };
}

function knockLine(label: string, knock: GatewayKnock, t: AnyText, duration: (ms: number) => string): Line {
  const at = knock.address.includes(':') ? `[${knock.address}]:${knock.port}` : `${knock.address}:${knock.port}`;
  const outcome = t(`outcomes.${knock.outcome}`);
  const why = knock.outcome === 'ours' ? '' : ` (${knock.detail})`;
  return { label, value: `${at} · ${outcome}${why}`, note: duration(knock.tookMs) };
}

function answerLines(host: string, answer: PrivateAnswer, t: AnyText): Line[] {
  return [
    {
      label: host,
      value: [t(`outcomes.${answer.outcome}`), answer.addresses.join(', '), answer.server].filter(Boolean).join(' · '),
      ...(answer.ttlSeconds === null ? {} : { note: t('facts.ttl', { seconds: answer.ttlSeconds }) }),
    },
    ...line(t('facts.alias'), answer.chain.join(' → ')),
  ];
}

function certificateLines(certificate: ShownCertificate, t: AnyText): Line[] {
  const { chain, issuer, names, protocol, sha256, validFrom, validTo } = certificate;
  return [
    { label: t('facts.names'), value: names.join(', ') },
    { label: t('facts.issuer'), value: issuer },
    ...line(t('facts.chain'), chain.join(' → ')),
    {
      label: t('facts.valid'),
      value: t('facts.validRange', { from: new Date(validFrom), until: new Date(validTo) }),
    },
    { label: t('facts.fingerprint'), value: <code className="break-all">{sha256}</code> },
    ...line(t('facts.protocol'), protocol),
  ];
}
