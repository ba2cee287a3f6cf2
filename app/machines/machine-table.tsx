// Machines as a table: name, address, whose, and whether they are there.
'use client';
import { useTranslations } from 'next-intl';
import type { MachineLine } from '#server/store/machine-list.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { Cell, Row, Table } from '../ui/table.tsx';
import { Tag } from '../ui/tag.tsx';
import { Time } from '../ui/time.tsx';
import { removeMachineAction } from './actions.ts';
import { MachineName } from './machine-name.tsx';

type Props = {
  machines: readonly MachineLine[];
  showOwner: boolean;
  /** Whose machines this person may rename and remove; null: everybody's. */
  writable: string | null;
};

export function MachineTable({ machines, showOwner, writable }: Props) {
  const t = useTranslations('machines');
  const isTheirs = ({ owner }: MachineLine) => writable === null || writable === owner.userId;
  const heads = [t('name'), t('address'), ...(showOwner ? [t('owner')] : []), t('state'), ''];
  return (
    <Table label={t('title')} heads={heads}>
      {machines.map((machine) => (
        <Row key={machine.id}>
          <Cell>
            <MachineName machine={machine} mayRename={isTheirs(machine)} />
          </Cell>
          <Cell name={t('address')}>
            <code className="text-[0.8125rem]">{machine.address}</code>
          </Cell>
          {showOwner && (
            <Cell name={t('owner')}>
              {machine.owner.name}
              <div className="break-all text-muted">{machine.owner.email}</div>
            </Cell>
          )}
          <Cell name={t('state')}>
            <State machine={machine} />
          </Cell>
          <Cell className="max-md:-ms-3.5 md:text-end">
            {isTheirs(machine) && (
              <div className="md:-my-2">
                <ConfirmButton
                  label={t('remove')}
                  kind="quiet"
                  title={t('removeTitle', { name: machine.name })}
                  confirmLabel={t('removeConfirm')}
                  action={() => removeMachineAction(machine.id)}
                >
                  {t('removeAbout', { address: machine.address })}
                </ConfirmButton>
              </div>
            )}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

const KINDS = { online: 'ok', offline: 'warn', left: 'neutral', 'signed-out': 'warn' } as const;

function State({ machine: { state, lastSeenAt } }: { machine: MachineLine }) {
  const t = useTranslations('machines');
  return (
    <>
      <Tag kind={KINDS[state]}>{t(state)}</Tag>
      {state === 'signed-out' && <div className="mt-1 max-w-xs text-[0.8125rem]">{t('signedOutAbout')}</div>}
      <div className="text-[0.8125rem] text-muted">
        {lastSeenAt === null ? t('neverHeard') : t.rich('lastHeard', { time: () => <Time at={lastSeenAt} /> })}
      </div>
    </>
  );
}
