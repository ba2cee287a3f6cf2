// Apps that were deleted within the last day: each can be brought back as it was.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { listDeleted } from '#server/store/undo.ts';
import { Empty } from '../../../ui/empty.tsx';
import { PageHead } from '../../../ui/page-head.tsx';
import { Cell, Row, Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { enter, granted } from '../../enter.ts';
import { RestoreButton } from './restore-button.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apps'))('deleted.title') };
}

export default async function DeletedAppsPage() {
  const { store, actor } = await enter('apps.write');
  const t = await getTranslations('apps');
  const { rows, total } = granted(await listDeleted(store, actor));
  return (
    <>
      <PageHead title={t('deleted.title')} about={t('deleted.about')} />
      {rows.length === 0 ? (
        <Empty title={t('deleted.none')}>
          <a className="link" href="/admin/apps">
            {t('deleted.back')}
          </a>
        </Empty>
      ) : (
        <Table
          label={t('deleted.title')}
          heads={[t('head.app'), t('deleted.when'), t('deleted.by'), t('deleted.until'), '']}
        >
          {rows.map((row) => (
            <Row key={`${row.undoId} ${row.appId}`}>
              <Cell>
                <span className="font-medium">{row.name}</span>
              </Cell>
              <Cell name={t('deleted.when')} className="text-muted">
                <Time at={row.at} />
              </Cell>
              <Cell name={t('deleted.by')} className="text-muted">
                {row.by ?? '–'}
              </Cell>
              <Cell name={t('deleted.until')} className="text-muted">
                <Time at={row.until} />
              </Cell>
              <Cell className="md:text-end">
                <RestoreButton undoId={row.undoId} appId={row.appId} name={row.name} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {total > rows.length && (
        <p className="mt-4 text-sm text-muted">{t('deleted.more', { count: total - rows.length })}</p>
      )}
    </>
  );
}
