// The collections in their order, which can be changed here.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { MoveButtons } from '../../ui/move-buttons.tsx';
import { PageLink } from '../../ui/page-link.tsx';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { orderCollectionsAction } from './actions.ts';

type Line = { id: string; name: string; appCount: number };

export function CollectionList({ collections, isReadOnly }: { collections: readonly Line[]; isReadOnly: boolean }) {
  const t = useTranslations('collections');
  const [lines, setLines] = useState(collections);
  const [told, setTold] = useState('');
  const [problem, setProblem] = useState(false);

  async function move(at: number, by: number) {
    const next = [...lines];
    const [line] = next.splice(at, 1);
    if (!line) return;
    next.splice(at + by, 0, line);
    setLines(next);
    const result = await orderCollectionsAction(next.map(({ id }) => id)).catch(() => null);
    setProblem(result?.kind !== 'saved');
    if (result?.kind === 'saved') setTold(t('moved', { name: line.name, place: at + by + 1, count: next.length }));
    else setLines(lines);
  }

  return (
    <>
      {problem && (
        <p role="alert" className="mb-4 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {t('notKept')}
        </p>
      )}
      <Table
        label={t('title')}
        heads={[t('columns.name'), t('columns.apps'), ...(isReadOnly ? [] : [t('columns.order')])]}
      >
        {lines.map(({ id, name, appCount }, at) => (
          <Row key={id}>
            <Cell>
              <PageLink href={`/admin/collections/${id}`} className="font-medium hover:underline">
                {name}
              </PageLink>
            </Cell>
            <Cell name={t('columns.apps')} className="text-muted">
              {t('appCount', { count: appCount })}
            </Cell>
            {!isReadOnly && (
              <Cell name={t('columns.order')} className="md:py-1.5">
                <MoveButtons
                  upLabel={t('moveUp', { name })}
                  downLabel={t('moveDown', { name })}
                  onUp={at > 0 ? () => move(at, -1) : null}
                  onDown={at < lines.length - 1 ? () => move(at, 1) : null}
                />
              </Cell>
            )}
          </Row>
        ))}
      </Table>
      <p role="status" className="sr-only">
        {told}
      </p>
    </>
  );
}
