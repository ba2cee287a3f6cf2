// The nodes of the cluster: where each is, how it is in words, and whether it is sent people.
import { getTranslations } from 'next-intl/server';
import type { Cluster, ClusterNode } from '#server/core/cluster.ts';
import type { Standing } from '#server/core/cluster-health.ts';
import type { NodeRow } from '#server/store/cluster-presence.ts';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import { DrainButton } from './drain-button.tsx';

type Props = {
  cluster: Cluster;
  rows: readonly NodeRow[];
  standings: ReadonlyMap<number, Standing>;
  now: number;
  mayDrain: boolean;
};

/** Beyond a minute, the moment says more than the seconds since. */
const AGO_MS = 60_000;

export async function NodeTable({ cluster, rows, standings, now, mayDrain }: Props) {
  const t = await getTranslations('gateways');
  const isAlone = cluster.nodes.length === 1;
  const strangers = rows
    .filter(({ number, presence }) => isHeard(presence, now) && !cluster.nodes.some((node) => node.number === number))
    .map(({ number }) => number);
  const heads = [t('node'), t('addresses'), t('state'), t('heartbeat'), ...(mayDrain ? [''] : [])];
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes" className="mb-3 font-medium">
        {t('nodes', { name: cluster.name })}
      </h2>
      <Table label={t('nodes', { name: cluster.name })} heads={heads}>
        {cluster.nodes.map((node) => {
          const row = rows.find(({ number }) => number === node.number);
          const standing = standings.get(node.number) ?? 'never-seen';
          const isDrained = row?.drainingSince != null;
          return (
            <Row key={node.number}>
              <Cell>
                <div className="flex flex-wrap items-center gap-1.5">
                  <span className="font-medium">{t('number', { number: node.number })}</span>
                  {node.isLoadBalancer && <Tag>{t('loadBalancer')}</Tag>}
                  {node.subCluster && <Tag>{node.subCluster}</Tag>}
                </div>
                <div className="text-muted">{row?.name}</div>
              </Cell>
              <Cell name={t('addresses')}>
                <Addresses node={node} />
              </Cell>
              <Cell name={t('state')}>
                <div className="flex flex-wrap gap-1.5">
                  <Tag kind={standing === 'up' ? 'ok' : standing === 'coming-up' ? 'warn' : 'danger'}>
                    {t(`standings.${standing}`)}
                  </Tag>
                  {isDrained && <Tag kind="warn">{t('drained')}</Tag>}
                </div>
                <p className="mt-1 text-muted">
                  {isDrained
                    ? t('sentNobodyDrained')
                    : standing === 'up' || isAlone
                      ? t(isAlone && standing !== 'up' ? 'alone' : 'sentPeople')
                      : t(`why.${standing}`)}
                </p>
                {row?.drainingSince != null && (
                  <p className="mt-1 text-muted">
                    {t('drainedSince')} <Time at={row.drainingSince} />
                  </p>
                )}
              </Cell>
              <Cell name={t('heartbeat')} className="text-muted">
                {row?.presence ? (
                  <>
                    <Ago at={row.presence.seenAt} now={now} />
                    <div>{t('ready', { ready: row.presence.gatewaysReady, all: row.gateways })}</div>
                  </>
                ) : (
                  t('never')
                )}
              </Cell>
              {mayDrain && (
                <Cell className="md:text-end">
                  <DrainButton number={node.number} isDrained={isDrained} isLoadBalancer={node.isLoadBalancer} />
                </Cell>
              )}
            </Row>
          );
        })}
      </Table>
      {strangers.length > 0 && (
        <p className="mt-3 max-w-2xl text-sm text-warn">
          {t('strangers', { count: strangers.length, numbers: strangers.join(', ') })}
        </p>
      )}
    </section>
  );
}

/** A machine that speaks under a number that the settings do not have. */
function isHeard(presence: NodeRow['presence'], now: number): boolean {
  return presence?.state === 'running' && Math.abs(now - presence.seenAt) < AGO_MS;
}

async function Addresses({ node }: { node: ClusterNode }) {
  const t = await getTranslations('gateways');
  return (['lan', 'nat'] as const).map((side) =>
    node.addresses[side].map((address) => (
      <div key={`${side} ${address}`}>
        <span className="tabular-nums">{address}</span> <span className="text-muted">{t(`sides.${side}`)}</span>
      </div>
    )),
  );
}

async function Ago({ at, now }: { at: number; now: number }) {
  const t = await getTranslations('gateways');
  const ageMs = Math.max(0, now - at);
  return <div>{ageMs < AGO_MS ? t('ago', { seconds: Math.round(ageMs / 1_000) }) : <Time at={at} />}</div>;
}
