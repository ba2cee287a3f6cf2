// A machine's name in its table, and a form in its place to give it another one.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { MachineLine } from '#server/store/machine-list.ts';
import { useSave } from '../admin/form/use-save.ts';
import { FieldError } from '../ui/field.tsx';
import { renameMachineAction } from './actions.ts';

type Named = Pick<MachineLine, 'id' | 'name' | 'os' | 'updatedAt'>;

export function MachineName({ machine, mayRename }: { machine: Named; mayRename: boolean }) {
  const t = useTranslations('machines');
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);

  /** The keyboard goes on where it was. */
  function close() {
    setOpen(false);
    requestAnimationFrame(() => opener.current?.focus());
  }

  if (isOpen) return <RenameForm machine={machine} onOver={close} />;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-2">
        <span className="font-medium break-all">{machine.name}</span>
        {mayRename && (
          <button
            ref={opener}
            type="button"
            className="button -my-2 px-2"
            data-kind="quiet"
            aria-label={t('renameThis', { name: machine.name })}
            onClick={() => setOpen(true)}
          >
            {t('rename')}
          </button>
        )}
      </div>
      {machine.os && <div className="text-[0.8125rem] text-muted">{machine.os}</div>}
    </>
  );
}

function RenameForm({ machine, onOver }: { machine: Named; onOver: () => void }) {
  const t = useTranslations('machines');
  const common = useTranslations('common');
  const save = useSave(machine.updatedAt);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  // The table's columns have no room for what is wrong with the whole: all of it stands by the field.
  const error = save.errors.name ?? save.errors[''];

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    save.send(renameMachineAction(machine.id, { name }, save.openedAt), () => {
      onOver();
      return null;
    });
  }

  return (
    <form
      onSubmit={onSubmit}
      noValidate
      className="grid max-w-56 gap-2 max-md:pb-3"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onOver();
      }}
    >
      <label htmlFor={id} className="text-[0.8125rem] font-medium">
        {t('newName')}
      </label>
      <input
        id={id}
        name="name"
        className="field"
        defaultValue={machine.name}
        maxLength={63}
        spellCheck={false}
        autoComplete="off"
        ref={field}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-hint${error ? ` ${id}-error` : ''}`}
      />
      <p id={`${id}-hint`} className="text-[0.8125rem] text-muted">
        {t('newNameHint')}
      </p>
      <FieldError id={id} error={error} />
      <div className="flex gap-2">
        <button type="submit" className="button" data-kind="primary" disabled={save.isSaving}>
          {save.isSaving ? common('saving') : t('rename')}
        </button>
        <button type="button" className="button" data-kind="quiet" onClick={onOver}>
          {common('cancel')}
        </button>
      </div>
    </form>
  );
}
