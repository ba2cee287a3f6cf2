// One open stream in a few words, and its end.
'use client';
import { useFormatter, useTranslations } from 'next-intl';
import type { StreamLine } from '#server/store/streams.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Time } from '../../ui/time.tsx';
import { endStreamAction } from './actions.ts';

/** `appName`: null for an app that is gone. */
export function StreamName({ stream }: { stream: Pick<StreamLine, 'appName'> }) {
  const t = useTranslations('sessions');
  return stream.appName ?? <span className="text-muted">{t('goneApp')}</span>;
}

export function StreamEnd({ stream }: { stream: StreamLine }) {
  const t = useTranslations('sessions');
  return (
    <ConfirmButton
      label={t('endStream')}
      kind="quiet"
      title={t('endStreamTitle')}
      confirmLabel={t('endStreamConfirm')}
      action={() => endStreamAction(stream.id)}
    >
      {t('endStreamAbout', { app: stream.appName ?? t('goneApp'), person: stream.name })}
    </ConfirmButton>
  );
}

/** What a session has open, the longest first; how many more there are is a link to all of them. */
export function StreamsOf({ streams, canEnd }: { streams: readonly StreamLine[]; canEnd: boolean }) {
  const t = useTranslations('sessions');
  return (
    <ul className="grid gap-1">
      {streams.slice(0, SHOWN).map((stream) => (
        <li key={stream.id} className="flex flex-wrap items-center justify-between gap-x-3">
          <span className="min-w-0">
            <StreamName stream={stream} />{' '}
            <span className="text-muted">
              {t(`kinds.${stream.kind}`)}, {t('since')} <Time at={stream.since} look="time" />
            </span>
          </span>
          {canEnd && <StreamEnd stream={stream} />}
        </li>
      ))}
      {streams.length > SHOWN && (
        <li className="text-muted">
          <a className="link" href={`/admin/sessions/streams?${new URLSearchParams({ q: streams[0]?.email ?? '' })}`}>
            {t('moreStreams', { count: streams.length - SHOWN })}
          </a>
        </li>
      )}
    </ul>
  );
}

const SHOWN = 3;

/** In the units that people know: 1,000 bytes are a kilobyte. */
export function Bytes({ count }: { count: number }) {
  const format = useFormatter();
  const at = Math.min(UNITS.length - 1, count < 1_000 ? 0 : Math.floor(Math.log10(count) / 3));
  return format.number(count / 1_000 ** at, {
    style: 'unit',
    unit: UNITS[at],
    unitDisplay: 'short',
    maximumFractionDigits: at === 0 ? 0 : 1,
  });
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
