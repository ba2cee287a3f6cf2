// What is kept of a person: to take along as a file, and to be erased.
import { useTranslations } from 'next-intl';
import { PageLink } from '../../ui/page-link.tsx';
import { ErasePerson } from './erase-person.tsx';

type Props = { person: { id: string; name: string; email: string }; events: number; canErase: boolean };

export function PersonData({ person, events, canErase }: Props) {
  const t = useTranslations('people.data');
  return (
    <section className="mt-10 max-w-2xl">
      <h2 className="mb-1 font-medium">{t('title')}</h2>
      <p className="text-sm text-muted">
        {t.rich('about', {
          count: events,
          audit: (text) => (
            <PageLink className="link" href={`/admin/audit?${new URLSearchParams({ userId: person.id })}`}>
              {text}
            </PageLink>
          ),
        })}
      </p>
      <div className="mt-4 flex flex-wrap gap-2">
        <a className="button" href={`/admin/users/${person.id}/export`} download>
          {t('export')}
        </a>
        {canErase && <ErasePerson person={person} />}
      </div>
    </section>
  );
}
