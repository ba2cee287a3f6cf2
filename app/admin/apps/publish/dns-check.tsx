// The DNS record that a public name needs, ready to be copied, and whether it is there yet: asked again by itself while somebody looks.
'use client';
import { CircleAlert, CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import type { PathStepOf } from '#server/core/path.ts';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { checkNameAction } from '../probe-actions.ts';

type Known = { host: string; step: PathStepOf<'public-dns'> } | { host: string; problem: string } | null;

const TYPING_MS = 600;
const AGAIN_MS = 10_000;

type Props = { host: string; gatewayName: string | null; hasAliases: boolean };

export function DnsCheck({ host: typed, gatewayName, hasAliases }: Props) {
  const t = useTranslations('apps.publish');
  const host = nameIn(typed.trim());
  const [turn, setTurn] = useState(0);
  const { known, isAsking } = useNameCheck(host, turn);
  if (host === null) return null;
  const isLocal = host === 'localhost' || host.endsWith('.localhost');
  const record = gatewayName ? `${host}. CNAME ${gatewayName}.` : null;
  return (
    <section aria-label={t('dns.label')} className="card px-4 py-3.5 text-sm">
      {isLocal ? (
        <p className="text-muted">{t('dns.local')}</p>
      ) : record ? (
        <>
          <p className="text-muted">{t('dns.create')}</p>
          <div className="mt-1.5 flex items-center justify-between gap-3 rounded-lg bg-sunken py-1 ps-3 pe-1">
            <code className="min-w-0 text-[0.8125rem] break-all">{record}</code>
            <CopyButton text={record} label={t('dns.copy', { host })} />
          </div>
          {hasAliases && <p className="mt-1.5 text-muted">{t('dns.aliasLater')}</p>}
        </>
      ) : (
        <p className="text-muted">{hasAliases ? t('dns.aliasOnly') : t('dns.noGateway')}</p>
      )}
      <div className="mt-2.5 flex items-start justify-between gap-3">
        <p role="status" className="flex min-w-0 gap-2 py-1">
          <StateIcon state={known && 'step' in known ? known.step.state : null} />
          <span className="min-w-0">{sentenceOf()}</span>
        </p>
        {!isLocal && (
          <button type="button" className="button flex-none" disabled={isAsking} onClick={() => setTurn(turn + 1)}>
            {t('dns.again')}
          </button>
        )}
      </div>
    </section>
  );

  function sentenceOf(): string {
    if (known === null || known.host !== host) return t('dns.asking');
    if ('problem' in known) return known.problem;
    const { code, facts } = known.step;
    const where = facts?.lookup.addresses.join(', ') || facts?.lookup.hops.at(-1)?.value || '–';
    return t(`dns.code.${code}`, { host: host ?? '', gateway: facts?.target ?? gatewayName ?? '', where });
  }
}

export function StateIcon({ state }: { state: 'good' | 'warning' | 'bad' | 'skipped' | null }) {
  const Icon =
    state === 'good' ? CircleCheck : state === 'bad' ? CircleX : state === 'warning' ? CircleAlert : CircleDashed;
  const ink =
    state === 'good' ? 'text-ok' : state === 'bad' ? 'text-danger' : state === 'warning' ? 'text-warn' : 'text-muted';
  return <Icon size={17} aria-hidden className={`mt-0.5 flex-none ${ink}`} />;
}

/** What looks like a whole host name, as the browser would say it; the store decides what is one. */
function nameIn(text: string): string | null {
  if (!/^[^\s/:@?#]+\.[^\s/:@?#]{2,}$/.test(text) || !URL.canParse(`http://${text}`)) return null;
  return new URL(`http://${text}`).hostname;
}

/** Asks when the name is typed, and again every ten seconds until it leads here; not in a tab that nobody sees. */
function useNameCheck(host: string | null, turn: number): { known: Known; isAsking: boolean } {
  const [known, setKnown] = useState<Known>(null);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (host === null) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const ask = async () => {
      if (document.visibilityState === 'hidden') {
        timer = setTimeout(() => void ask(), AGAIN_MS);
        return;
      }
      setAsking(true);
      const result = await checkNameAction(host).catch(() => null);
      if (isOver) return;
      setAsking(false);
      if (result?.kind === 'saved') setKnown({ host, step: result.step });
      else if (result?.kind === 'invalid') setKnown({ host, problem: result.errors.host ?? '' });
      // A name that leads here is settled; one that is taken is another one's.
      const isSettled = result?.kind === 'invalid' || (result?.kind === 'saved' && result.step.state === 'good');
      if (!isSettled) timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    timer = setTimeout(() => void ask(), turn === 0 ? TYPING_MS : 0);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [host, turn]);
  return { known, isAsking };
}
