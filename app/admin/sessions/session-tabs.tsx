// The two views of who is here: browsers that are signed in, and what they have open.
import { useTranslations } from 'next-intl';
import { PageLink } from '../../ui/page-link.tsx';

export function SessionTabs({ current }: { current: 'sessions' | 'streams' }) {
  const t = useTranslations('sessions');
  const tab = (key: 'sessions' | 'streams', href: string) => (
    <PageLink
      href={href}
      aria-current={key === current ? 'page' : undefined}
      className="-mb-px border-b-2 border-transparent px-1 pb-2 text-muted hover:text-text aria-[current]:border-text aria-[current]:text-text"
    >
      {t(key)}
    </PageLink>
  );
  return (
    <nav aria-label={t('views')} className="mb-5 flex gap-5 border-b border-line text-sm font-medium">
      {tab('sessions', '/admin/sessions')}
      {tab('streams', '/admin/sessions/streams')}
    </nav>
  );
}
