// One app in the table.
'use client';
import { Copy } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { Fragment, useRef } from 'react';
import { AppIcon } from '../../../launcher/app-icon.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { Cell } from '../../../ui/table.tsx';
import { Tag } from '../../../ui/tag.tsx';
import { Time } from '../../../ui/time.tsx';
import type { ShownLine } from './app-line.ts';

type Props = {
  line: ShownLine;
  canPlace: boolean;
  isChosen: boolean;
  /** Null where nobody may choose. */
  onChoose: ((isOn: boolean, isStretch: boolean) => void) | null;
};

export function AppRow({ line, canPlace, isChosen, onChoose }: Props) {
  const t = useTranslations('apps');
  const withShift = useRef(false);
  return (
    <tr
      className={`relative block py-2.5 hover:bg-sunken md:table-row ${isChosen ? 'bg-accent-soft' : ''} ${onChoose ? 'max-md:ps-9' : ''}`}
    >
      {onChoose && (
        <td className="align-top max-md:absolute max-md:start-0 max-md:top-3 md:w-10 md:py-3">
          {/* The whole cell is the target. */}
          <label className="-my-3 block px-4 py-3">
            <input
              type="checkbox"
              aria-label={t('select.one', { name: line.name })}
              checked={isChosen}
              onClick={(event) => {
                withShift.current = event.shiftKey;
              }}
              onChange={(event) => onChoose(event.target.checked, withShift.current)}
            />
          </label>
        </td>
      )}
      <Cell className="md:w-[30%]">
        <div className="flex gap-3">
          <AppIcon app={line} size="middle" />
          <div className="min-w-0">
            {line.state === 'broken' ? (
              <span className="font-medium">{line.name}</span>
            ) : (
              <PageLink id={`app-${line.id}`} href={`/admin/apps/${line.id}`} className="font-medium hover:underline">
                {line.name}
              </PageLink>
            )}
            <div className="text-muted [overflow-wrap:anywhere]">
              <DotBreaks text={line.hosts[0] ?? ''} />
              {line.hosts.length > 1 && ` ${t('moreNames', { count: line.hosts.length - 1 })}`}
            </div>
          </div>
        </div>
      </Cell>
      <Cell className={line.state === 'on' && !line.isUnverified && !line.isHidden ? 'max-md:hidden' : ''}>
        <div className="flex flex-wrap gap-1">
          <StateTag line={line} />
          {line.isUnverified && <Tag kind="danger">{t('state.unverified')}</Tag>}
          {line.isHidden && <Tag>{t('hidden')}</Tag>}
        </div>
      </Cell>
      {line.state === 'broken' ? (
        <td colSpan={canPlace ? 5 : 4} className="block px-4 py-0.5 text-danger md:table-cell md:py-3">
          {line.problem}
        </td>
      ) : (
        <>
          <Cell name={t('head.where')} className="md:w-[28%]">
            <span className="[overflow-wrap:anywhere]">
              <DotBreaks text={line.upstream} />
            </span>
            <div className="text-muted">
              {line.siteName} ·{' '}
              <PageLink
                href={`/admin/apps/${line.id}/path`}
                aria-describedby={`app-${line.id}`}
                className="whitespace-nowrap hover:text-text hover:underline"
              >
                {t('seePath')}
              </PageLink>
            </div>
          </Cell>
          <Cell name={line.category && t('head.category')} className={line.category ? '' : 'max-md:hidden'}>
            {line.category || <span className="text-muted">–</span>}
          </Cell>
          <Cell name={t('head.who')} className="text-muted">
            {whoText(t, line)}
          </Cell>
          <Cell name={t('head.changed')} className="text-muted">
            {line.updatedAt !== null && <Time at={line.updatedAt} look="day" />}
          </Cell>
          {canPlace && (
            <Cell className="md:w-10 md:ps-0">
              <PageLink
                href={`/admin/apps/new?like=${line.id}`}
                aria-label={t('duplicate')}
                aria-describedby={`app-${line.id}`}
                title={t('duplicate')}
                className="inline-flex items-center gap-2 rounded-md p-1 text-muted hover:text-text"
              >
                <Copy size={15} aria-hidden />
                <span className="md:hidden">{t('duplicate')}</span>
              </PageLink>
            </Cell>
          )}
        </>
      )}
    </tr>
  );
}

/** A long name breaks behind its dots first. */
function DotBreaks({ text }: { text: string }) {
  const ends = [...text.matchAll(/[.:/](?=[^.:/])/g)].map(({ index }) => index + 1);
  return [0, ...ends].map((begin, at) => (
    <Fragment key={begin}>
      {begin > 0 && <wbr />}
      {text.slice(begin, ends[at])}
    </Fragment>
  ));
}

function StateTag({ line }: { line: ShownLine }) {
  const t = useTranslations('apps');
  switch (line.state) {
    case 'on':
      return <span className="text-muted">{t('state.on')}</span>;
    case 'broken':
      return <Tag kind="danger">{t('state.broken')}</Tag>;
    default:
      return <Tag kind="warn">{t(`state.${line.state}`)}</Tag>;
  }
}

function whoText(
  t: ReturnType<typeof useTranslations<'apps'>>,
  { everyone, groups, people }: Pick<ShownLine, 'everyone' | 'groups' | 'people'>,
): string {
  if (everyone) return t('who.everyone');
  const parts = [groups > 0 && t('who.groups', { count: groups }), people > 0 && t('who.people', { count: people })];
  return parts.filter(Boolean).join(', ') || t('who.nobody');
}
