// The notice editor: what it says, to whom, and when.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useState } from 'react';
import type { NoticeRecord } from '#server/store/notices.ts';
import { NOTICE_LEVELS } from '#server/store/words.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { AreaField, CheckField, Field, FieldError, SelectField } from '../../ui/field.tsx';
import { ZoneName } from '../../ui/time.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { isChecked, textOf } from '../form/form-values.ts';
import { useSave } from '../form/use-save.ts';
import { deleteNoticeAction, saveNoticeAction } from './actions.ts';
import { localText, momentOf } from './local-moment.ts';

type Props = {
  notice: NoticeRecord | null;
  groups: readonly { id: string; name: string }[];
  isReadOnly?: boolean;
};

const KNOWN = ['text', 'level', 'pinned', 'everyone', 'groupIds', 'fromAt', 'untilAt'];

export function NoticeForm({ notice, groups, isReadOnly }: Props) {
  const t = useTranslations('notices');
  const save = useSave(notice?.updatedAt);
  const { errors } = save;
  const [isForEveryone, setForEveryone] = useState(notice?.everyone ?? true);
  // Only the browser knows its zone: the fields get their moments once it is there.
  const [times, setTimes] = useState({ from: '', until: '' });
  useEffect(() => {
    setTimes({ from: localText(notice?.fromAt ?? null), until: localText(notice?.untilAt ?? null) });
  }, [notice?.fromAt, notice?.untilAt]);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      text: textOf(form, 'text'),
      level: textOf(form, 'level'),
      pinned: isChecked(form, 'pinned'),
      everyone: isForEveryone,
      groupIds: isForEveryone ? [] : form.getAll('groupIds').map(String),
      fromAt: momentOf(times.from),
      untilAt: momentOf(times.until),
    };
    const sending = saveNoticeAction(notice?.id ?? null, input, save.openedAt);
    save.send(sending, () => (notice ? null : '/admin/notices'));
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('form.what')}>
          <AreaField
            label={t('form.text')}
            name="text"
            rows={3}
            required
            maxLength={600}
            defaultValue={notice?.text}
            error={errors.text}
          />
          <SelectField label={t('form.level')} name="level" defaultValue={notice?.level} error={errors.level}>
            {NOTICE_LEVELS.map((level) => (
              <option key={level} value={level}>
                {t(`levels.${level}`)}
              </option>
            ))}
          </SelectField>
          <CheckField
            label={t('form.pinned')}
            name="pinned"
            hint={t('form.pinnedHint')}
            defaultChecked={notice?.pinned ?? false}
          />
        </Section>
        <Section title={t('form.who')} about={t('form.whoAbout')}>
          <fieldset className="grid gap-1">
            <legend className="sr-only">{t('form.who')}</legend>
            {[true, false].map((everyone) => (
              <label key={String(everyone)} className="flex gap-2.5 py-1 text-[0.9375rem]">
                <input
                  type="radio"
                  name="everyone"
                  checked={isForEveryone === everyone}
                  onChange={() => setForEveryone(everyone)}
                />
                {everyone ? t('form.everyone') : t('form.someGroups')}
              </label>
            ))}
          </fieldset>
          {!isForEveryone && (
            <fieldset
              className="card max-h-72 min-w-0 overflow-y-auto px-3.5 py-2"
              aria-invalid={errors.groupIds ? true : undefined}
              aria-describedby={errors.groupIds ? 'field-groupIds-error' : undefined}
              tabIndex={errors.groupIds ? -1 : undefined}
            >
              <legend className="sr-only">{t('form.groups')}</legend>
              {groups.length === 0 && <p className="py-1 text-sm text-muted">{t('form.noGroups')}</p>}
              {groups.map(({ id, name }) => (
                <CheckField
                  key={id}
                  label={name}
                  name="groupIds"
                  value={id}
                  defaultChecked={notice?.groupIds.includes(id) ?? false}
                />
              ))}
            </fieldset>
          )}
          <FieldError id="field-groupIds" error={errors.groupIds} />
        </Section>
        <Section title={t('form.when')} about={t.rich('form.whenAbout', { zone: () => <ZoneName /> })}>
          <div className="grid gap-5 sm:grid-cols-2">
            <Field
              label={t('form.from')}
              name="fromAt"
              type="datetime-local"
              optional
              value={times.from}
              onChange={(event) => setTimes({ ...times, from: event.target.value })}
              error={errors.fromAt}
            />
            <Field
              label={t('form.until')}
              name="untilAt"
              type="datetime-local"
              optional
              value={times.until}
              onChange={(event) => setTimes({ ...times, until: event.target.value })}
              error={errors.untilAt}
            />
          </div>
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={notice ? t('form.save') : t('add')} cancelHref="/admin/notices">
          {notice && (
            <ConfirmButton
              label={t('form.deleteConfirm')}
              title={t('form.deleteTitle')}
              confirmLabel={t('form.deleteConfirm')}
              action={() => deleteNoticeAction(notice.id)}
              doneHref="/admin/notices"
            >
              {t('form.deleteText')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}
