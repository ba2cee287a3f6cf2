// Open sessions: on which device, since when, until when; each can be ended.
'use client';
import { useTranslations } from 'next-intl';
import type { ReactNode } from 'react';
import type { SessionLine } from '#server/store/sessions.ts';
import type { ActionResult } from '../admin/act.ts';
import { ConfirmButton } from './confirm-button.tsx';
import { deviceName } from './device-name.ts';
import { Cell, Row, Table } from './table.tsx';
import { Tag } from './tag.tsx';
import { Time } from './time.tsx';

type Props = {
  sessions: readonly SessionLine[];
  currentId: string;
  endAction: ((id: string) => Promise<ActionResult>) | null;
  /** Shows whose session each is. */
  showPerson?: boolean;
  /** One more column, and the times in one to make room: what stands in it, by the session’s id. */
  more?: { head: string; cells: Readonly<Record<string, ReactNode>> };
};

export function SessionTable({ sessions, currentId, endAction, showPerson = false, more }: Props) {
  const [t, s] = [useTranslations('common'), useTranslations('common.sessions')];
  if (sessions.length === 0) return <p className="text-sm text-muted">{s('none')}</p>;
  return (
    <Table
      label={s('label')}
      heads={[
        ...(showPerson ? [s('person')] : []),
        s('device'),
        s('signedIn'),
        ...(more ? [] : [s('lastSeen'), s('ends')]),
        ...(more ? [more.head] : []),
        ...(endAction ? [''] : []),
      ]}
    >
      {sessions.map((session) => (
        <Row key={session.id}>
          {showPerson && (
            <Cell className="md:min-w-44">
              <span className="font-medium">{session.name}</span>
              <div className="break-all text-muted">{session.email}</div>
            </Cell>
          )}
          <Cell>
            {deviceName(t, session.userAgent)} {session.id === currentId && <Tag kind="ok">{s('thisOne')}</Tag>}{' '}
            {session.kind !== 'standard' && <Tag>{s(session.kind)}</Tag>}
            {session.address && <div className="text-muted">{session.address}</div>}
          </Cell>
          <Cell name={s('signedIn')} className="text-muted">
            <Time at={session.createdAt} />
            {more && (
              <>
                <div>
                  {s('lastSeen')} <Time at={session.lastSeenAt} />
                </div>
                <div>
                  {s('ends')} <Time at={session.expiresAt} />
                </div>
              </>
            )}
          </Cell>
          {!more && (
            <>
              <Cell name={s('lastSeen')} className="text-muted">
                <Time at={session.lastSeenAt} />
              </Cell>
              <Cell name={s('ends')} className="text-muted">
                <Time at={session.expiresAt} />
              </Cell>
            </>
          )}
          {more && (
            <Cell name={more.head}>{more.cells[session.id] ?? <span className="text-muted">{t('none')}</span>}</Cell>
          )}
          {endAction && (
            <Cell className="md:text-end">
              {session.id !== currentId && (
                <ConfirmButton
                  label={s('end')}
                  kind="quiet"
                  title={s('endTitle')}
                  confirmLabel={s('endConfirm')}
                  action={() => endAction(session.id)}
                >
                  {s('endAbout', { device: deviceName(t, session.userAgent) })}
                </ConfirmButton>
              )}
            </Cell>
          )}
        </Row>
      ))}
    </Table>
  );
}
