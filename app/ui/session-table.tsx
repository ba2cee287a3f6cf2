// Open sessions: on which device, since when, until when; each can be ended.
'use client';
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
};

const KIND_NAMES = { standard: '', 'my-device': 'own device', shared: 'shared computer' } as const;

export function SessionTable({ sessions, currentId, endAction, showPerson = false }: Props) {
  if (sessions.length === 0) return <p className="text-sm text-muted">No open session.</p>;
  return (
    <Table
      label="Open sessions"
      heads={[
        ...(showPerson ? ['Person'] : []),
        'Device',
        'Signed in',
        'Last seen',
        'Ends',
        ...(endAction ? [''] : []),
      ]}
    >
      {sessions.map((session) => (
        <Row key={session.id}>
          {showPerson && (
            <Cell>
              <span className="font-medium">{session.name}</span>
              <div className="break-all text-muted">{session.email}</div>
            </Cell>
          )}
          <Cell>
            {deviceName(session.userAgent)} {session.id === currentId && <Tag kind="ok">this one</Tag>}{' '}
            {KIND_NAMES[session.kind] && <Tag>{KIND_NAMES[session.kind]}</Tag>}
            {session.address && <div className="text-muted">{session.address}</div>}
          </Cell>
          <Cell name="Signed in" className="text-muted">
            <Time at={session.createdAt} />
          </Cell>
          <Cell name="Last seen" className="text-muted">
            <Time at={session.lastSeenAt} />
          </Cell>
          <Cell name="Ends" className="text-muted">
            <Time at={session.expiresAt} />
          </Cell>
          {endAction && (
            <Cell className="md:text-right">
              {session.id !== currentId && (
                <ConfirmButton
                  label="End"
                  kind="quiet"
                  title="End this session?"
                  confirmLabel="End session"
                  action={() => endAction(session.id)}
                >
                  {deviceName(session.userAgent)} is signed out of every app within a second, open connections included.
                </ConfirmButton>
              )}
            </Cell>
          )}
        </Row>
      ))}
    </Table>
  );
}
