// Apps and gateways, each on one line: what plots do not say.
import { useFormatter, useTranslations } from 'next-intl';
import type { AppLine, GatewayLine } from '#server/store/dashboard.ts';
import { PageLink } from '../../ui/page-link.tsx';
import { valueText } from '../../ui/plot/plot-text.ts';
import { Cell, Row, Table } from '../../ui/table.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';

/** Half of what people get being errors is no accident. */
const BAD_SHARE = 0.5;

export function AppTable({ apps }: { apps: readonly AppLine[] }) {
  const t = useTranslations('dashboard');
  const format = useFormatter();
  if (apps.length === 0) return <p className="text-sm text-muted">{t('noTraffic')}</p>;
  return (
    <Table label={t('apps')} heads={[t('app'), t('requests'), t('failures'), t('p50'), t('p95')]}>
      {apps.map(({ appId, failures, name, p50, p95, requests }) => (
        <Row key={appId}>
          <Cell>
            {name === null ? (
              <span className="text-muted">{t('goneApp')}</span>
            ) : (
              <PageLink href={`/admin/apps/${appId}`} className="font-medium hover:underline">
                {name}
              </PageLink>
            )}
          </Cell>
          <Cell name={t('requests')} className="tabular-nums">
            {format.number(requests)}
          </Cell>
          <Cell name={t('failures')} className="tabular-nums">
            {failures > 0 && failures >= requests * BAD_SHARE ? (
              <Tag kind="danger">{format.number(failures)}</Tag>
            ) : (
              format.number(failures)
            )}
          </Cell>
          <Cell name={t('p50')} className="text-muted tabular-nums">
            {valueText(format, p50, 'ms')}
          </Cell>
          <Cell name={t('p95')} className="text-muted tabular-nums">
            {valueText(format, p95, 'ms')}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function GatewayTable({ gateways, now }: { gateways: readonly GatewayLine[]; now: number }) {
  const t = useTranslations('dashboard');
  const format = useFormatter();
  if (gateways.length === 0) return <p className="text-sm text-muted">{t('noGateways')}</p>;
  return (
    <Table
      label={t('gateways')}
      heads={[t('gatewayHead'), t('connections'), t('webSockets'), t('restarts'), t('lastHeard')]}
    >
      {gateways.map(({ connections, gateway, restarts, seenAt, webSockets }) => (
        <Row key={gateway}>
          <Cell>
            <span className="font-medium">{t('gateway', { number: gateway })}</span>{' '}
            {now - seenAt > SILENT_MS && <Tag kind="danger">{t('silent')}</Tag>}
          </Cell>
          <Cell name={t('connections')} className="tabular-nums">
            {format.number(connections)}
          </Cell>
          <Cell name={t('webSockets')} className="tabular-nums">
            {format.number(webSockets)}
          </Cell>
          <Cell name={t('restarts')} className="tabular-nums">
            {format.number(restarts)}
          </Cell>
          <Cell name={t('lastHeard')} className="text-muted">
            <Time at={seenAt} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

/** A gateway says how it is every ten seconds; the time of it is that of the minute. */
const SILENT_MS = 2 * 60_000;
