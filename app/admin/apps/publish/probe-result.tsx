// What a probe found, line by line: each good, amber or red, and what mends it.
'use client';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { StepState } from '#server/core/path.ts';
import type { ProbedApp, ProbedPage, ProbeReport } from '#server/core/probe.ts';
import { Time } from '../../../ui/time.tsx';
import { StateIcon } from './dns-check.tsx';
import type { Draft } from './draft.ts';

type Props = { report: ProbeReport; draft: Draft; onAgain(parts: Partial<Draft>): void };

export function ProbeResult({ report, draft, onAgain }: Props) {
  const t = useTranslations('apps.publish');
  const { privateDns, connect, tls, certificate, app } = report;
  const answer = privateDns.facts?.answers[0];
  const attempt = connect.facts?.attempts.find(({ outcome }) => outcome === 'connected') ?? connect.facts?.attempts[0];
  return (
    <ul className="card divide-y divide-line text-sm">
      <Line state={privateDns.state}>
        {t(`probe.dns.${privateDns.code}`, {
          name: draft.upstreamHost,
          addresses: answer?.addresses.join(', ') || '–',
          server: answer?.server ?? '–',
        })}
      </Line>
      <Line state={connect.state}>
        {t(`probe.connect.${connect.code}`, {
          address: attempt?.address ?? '–',
          port: String(attempt?.port ?? draft.port),
          reason: attempt?.refusal ?? '',
        })}
      </Line>
      {tls.code !== 'tls-off' && (
        <Line state={tls.state}>
          {t(`probe.tls.${tls.code}`, { detail: tls.facts?.attempts[0]?.detail ?? '' })}
          {certificate && (
            <p className="mt-1 text-muted">
              {t('tls.shown', {
                subject: certificate.subject || '–',
                issuer: certificate.issuer || '–',
                names: certificate.names.join(', ') || '–',
              })}{' '}
              <Time at={certificate.validTo} look="day" />
              <span className="mt-1 block font-mono text-xs break-all">SHA-256 {certificate.sha256}</span>
            </p>
          )}
          {tls.state === 'bad' && certificate && (
            <div className="mt-2.5 flex flex-wrap gap-2">
              <button
                type="button"
                className="button"
                onClick={() => onAgain({ trust: 'pinned', sha256: certificate.sha256 })}
              >
                {t('tls.pin')}
              </button>
              {draft.trust !== 'ca' && (
                <button type="button" className="button" onClick={() => onAgain({ trust: 'ca' })}>
                  {t('tls.ca')}
                </button>
              )}
            </div>
          )}
        </Line>
      )}
      {app && <AppLines app={app} draft={draft} onAgain={onAgain} />}
    </ul>
  );
}

function AppLines({ app, draft, onAgain }: { app: ProbedApp } & Omit<Props, 'report'>) {
  const t = useTranslations('apps.publish');
  const page = app.wants === 'internal' || app.wants === 'different' ? (app.asInternal ?? app.asPublic) : app.asPublic;
  const links = app.internalLinks.map(({ host, count }) => `${host} (${count})`).join(', ');
  return (
    <>
      <Line state={stateOf(page)}>
        {page.status === null
          ? t(`probe.fault.${faultKey(page.fault)}`)
          : t('probe.answers', { status: page.status, title: page.title || '–' })}
      </Line>
      {app.httpsPort !== null && draft.scheme === 'http' && (
        <Line state="warning">
          {t('probe.https', { port: app.httpsPort })}
          <div className="mt-2.5">
            <button
              type="button"
              className="button"
              onClick={() => onAgain({ scheme: 'https', port: String(app.httpsPort) })}
            >
              {t('probe.useHttps', { port: app.httpsPort })}
            </button>
          </div>
        </Line>
      )}
      {page.status !== null && (
        <Line state={app.wants === 'neither' ? 'warning' : 'good'}>
          {t(`probe.wants.${app.wants}`, {
            public: app.asPublic.status ?? 0,
            internal: app.asInternal?.status ?? 0,
            host: draft.upstreamHost,
          })}
        </Line>
      )}
      {app.refusesOrigin && <Line state="warning">{t('probe.origin')}</Line>}
      {app.webSocket && (
        <Line state={app.webSocket.outcome === 'accepted' ? 'good' : 'warning'}>
          {t(`probe.webSocket.${app.webSocket.outcome}`, { path: app.webSocket.path })}
        </Line>
      )}
      {page.hops.some(({ leads }) => leads === 'internal') && (
        <Line state="good">{t('probe.redirects', { host: draft.upstreamHost })}</Line>
      )}
      {app.internalLinks.length > 0 && <Line state="warning">{t('probe.links', { links })}</Line>}
      {app.serviceWorker && <Line state="good">{t('probe.worker', { path: app.serviceWorker })}</Line>}
      {app.login.kind !== 'none' && (
        <Line state="skipped">
          {t(`probe.login.${app.login.kind}`, { host: app.login.kind === 'elsewhere' ? app.login.host : '' })}
        </Line>
      )}
    </>
  );
}

function Line({ state, children }: { state: StepState; children: ReactNode }) {
  return (
    <li className="flex gap-2.5 px-4 py-2.5">
      <StateIcon state={state} />
      <div className="min-w-0 break-words">{children}</div>
    </li>
  );
}

function stateOf({ status }: ProbedPage): StepState {
  if (status === null) return 'bad';
  return status < 400 || status === 401 ? 'good' : 'warning';
}

function faultKey(fault: string | null): 'timeout' | 'protocol' | 'closed' {
  if (fault === 'upstream-timeout' || fault === 'upstream-connect-timeout') return 'timeout';
  return fault === 'upstream-protocol' ? 'protocol' : 'closed';
}
