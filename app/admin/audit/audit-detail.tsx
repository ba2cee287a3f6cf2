// What else an audit line knows, as text.
import { useTranslations } from 'next-intl';
import type { AuditRecord } from '#server/store/audit.ts';
import { PageLink } from '../../ui/page-link.tsx';

export function AuditDetail({ event }: { event: AuditRecord }) {
  const t = useTranslations('audit');
  const facts = Object.entries(event.detail)
    .map(([name, value]) => [name, asText(value)] as const)
    .filter(([, value]) => value !== '');
  return (
    <>
      {event.address && <div>{t('fromAddress', { address: event.address })}</div>}
      {facts.map(([name, value]) => (
        <div key={name} className="wrap-anywhere">
          {name}: {value}
        </div>
      ))}
      {event.supportId && (
        <div>
          {t('supportId')}{' '}
          <PageLink href={`/admin/audit/${event.supportId}`} className="link">
            <code className="text-[0.8125rem] whitespace-nowrap">{event.supportId}</code>
          </PageLink>
        </div>
      )}
    </>
  );
}

function asText(value: unknown): string {
  if (Array.isArray(value))
    return value.every(isId) && value.length > 0 ? String(value.length) : value.map(asText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Ids mean nothing to a reader: how many there are does. */
function isId(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
