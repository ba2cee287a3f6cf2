// What the DNS doctor found about an app's names at its last look, beside the path that is looked at now.
import { useTranslations } from 'next-intl';
import type { KeptFinding } from '#server/store/name-findings.ts';
import { PageLink } from '../../../../ui/page-link.tsx';
import { FindingItem } from '../../../names/finding-item.tsx';

export function NamesNote({ findings }: { findings: readonly KeptFinding[] }) {
  const t = useTranslations('names');
  if (findings.length === 0) return null;
  return (
    <section aria-label={t('title')} className="card mt-8 px-4 pt-3.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="font-medium">{t('ofApp')}</h2>
        <PageLink className="link text-sm" href="/admin/names">
          {t('all')}
        </PageLink>
      </div>
      <ul className="mt-1 divide-y divide-line">
        {findings.map((finding) => (
          <FindingItem key={`${finding.code} ${finding.name} ${finding.by}`} finding={finding} />
        ))}
      </ul>
    </section>
  );
}
