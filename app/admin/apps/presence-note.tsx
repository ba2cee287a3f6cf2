// Who else has this app open, and that somebody has saved it since.
'use client';
import { useTranslations } from 'next-intl';
import { Time } from '../../ui/time.tsx';
import type { Presence } from './use-presence.ts';

export function PresenceNote({ presence }: { presence: Presence }) {
  const t = useTranslations('apps.together');
  // One line a person, however many tabs they have it open in: since the first of them.
  const editors = presence.editors.filter(
    (each, at, all) => all.findIndex(({ name, isSelf }) => name === each.name && isSelf === each.isSelf) === at,
  );
  return (
    <div role="status">
      {editors.length > 0 && (
        <ul className="mb-6 rounded-lg bg-accent-soft px-3.5 py-2.5 text-sm">
          {editors.map(({ name, since, isSelf }) => (
            <li key={`${name} ${since}`}>
              {isSelf ? t('self') : t('also', { name })} <Time at={since} look="time" />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
