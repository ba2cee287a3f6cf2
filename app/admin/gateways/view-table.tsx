// What the cluster's name comes to now, for each view of clients.
import { getTranslations } from 'next-intl/server';
import type { Cluster } from '#server/core/cluster.ts';
import type { ViewAnswer } from '#server/core/cluster-choice.ts';
import { Cell, Row, Table } from '../../ui/table.tsx';

export async function ViewTable({ cluster, answers }: { cluster: Cluster; answers: readonly ViewAnswer[] }) {
  const t = await getTranslations('gateways');
  return (
    <section aria-labelledby="views">
      <h2 id="views" className="mb-1 font-medium">
        {t('views')}
      </h2>
      <p className="mb-3 max-w-2xl text-sm text-muted">{t(`viewsAbout.${cluster.selection}`)}</p>
      <Table label={t('views')} heads={[t('whoAsks'), t('side'), t('isTold')]}>
        {answers.map(({ addresses, isOutside, kind, side, subnets }) => (
          <Row key={`${side} ${isOutside} ${subnets.length}`}>
            <Cell name={t('whoAsks')}>
              {subnets.map(({ address, prefix }) => (
                <div key={`${address}/${prefix}`}>{`${address}/${prefix}`}</div>
              ))}
              {subnets.length === 0 && t(whoElse(cluster, isOutside))}
              {subnets.length > 0 && isOutside && <div className="text-muted">{t('outside')}</div>}
            </Cell>
            <Cell name={t('side')}>{t(`sides.${side}`)}</Cell>
            <Cell name={t('isTold')}>
              {kind === 'nobody'
                ? t('nobody')
                : addresses.length === 0
                  ? t('noAddress')
                  : addresses.map((address) => <div key={address}>{address}</div>)}
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

function whoElse({ delegated, views }: Cluster, isOutside: boolean) {
  if (delegated) return isOutside ? 'outside' : 'elsewhereInside';
  return views.length > 0 ? 'everybodyElse' : 'everybody';
}
