// The days that things are kept. Before a save, what would be deleted is said; nothing is deleted by looking.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useState } from 'react';
import type { Outlook, Retention } from '#server/store/retention.ts';
import { Field } from '../../../ui/field.tsx';
import { Time } from '../../../ui/time.tsx';
import { FormProblem, SaveBar, Section } from '../../form/form-parts.tsx';
import { textOf } from '../../form/form-values.ts';
import { useSave } from '../../form/use-save.ts';
import { retentionOutlookAction, saveRetentionAction } from './actions.ts';

type Props = { retention: Retention; updatedAt: number; isReadOnly: boolean };

export function RetentionForm({ retention, updatedAt, isReadOnly }: Props) {
  const t = useTranslations('audit.retention');
  const save = useSave(updatedAt);
  /** What was looked at: a save is offered for exactly that. */
  const [seen, setSeen] = useState<{ input: Retention; outlook: Outlook } | null>(null);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = { auditDays: days(form, 'auditDays'), usageDays: days(form, 'usageDays') };
    if (seen && seen.input.auditDays === input.auditDays && seen.input.usageDays === input.usageDays) {
      save.send(saveRetentionAction(input, save.openedAt), () => {
        setSeen(null);
        return null;
      });
      return;
    }
    setSeen(null);
    save.look(retentionOutlookAction(input), ({ outlook }) => setSeen({ input, outlook }));
  }

  const field = (name: 'auditDays' | 'usageDays') => (
    <Field
      label={t(name)}
      name={name}
      inputMode="numeric"
      defaultValue={retention[name]}
      hint={t(`${name}Hint`)}
      error={save.errors[name]}
      onChange={() => setSeen(null)}
    />
  );

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={['auditDays', 'usageDays']} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('kept')} about={t('keptAbout')}>
          {field('auditDays')}
          {field('usageDays')}
        </Section>
      </fieldset>
      <div role="status">{seen && <OutlookNote outlook={seen.outlook} />}</div>
      {!isReadOnly && <SaveBar save={save} label={seen ? t('save') : t('look')} cancelHref="/admin/audit" />}
    </form>
  );
}

function OutlookNote({ outlook: { audit, auditFrom, usage, usageFrom } }: { outlook: Outlook }) {
  const t = useTranslations('audit.retention');
  const time = (at: number) => () => <Time at={at} />;
  return (
    <div className="card mb-5 grid gap-1 px-4 py-3 text-sm">
      <p className="font-medium">{t('outlook')}</p>
      <p>{t.rich('outlookAudit', { count: audit, time: time(auditFrom) })}</p>
      <p>{t.rich('outlookUsage', { count: usage, time: time(usageFrom) })}</p>
      <p className="text-muted">{t('outlookWhen')}</p>
    </div>
  );
}

/** What is no number stays one that the store refuses, beside its field. */
function days(form: FormData, name: string): number {
  const text = textOf(form, name).trim();
  return text === '' ? Number.NaN : Number(text);
}
