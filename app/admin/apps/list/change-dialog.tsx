// A dialog that prepares one change to several apps, and stays open with the reason when it is refused.
'use client';
import '../../../ui/style-nonce.ts';
import { useTranslations } from 'next-intl';
import { Dialog } from 'radix-ui';
import { type FormEvent, type ReactNode, useState } from 'react';

type Props = {
  trigger: string;
  title: string;
  about?: string;
  confirm: string;
  isBusy: boolean;
  kind?: 'primary' | 'danger';
  /** Null when it is done, else why not. */
  onConfirm(): Promise<string | null>;
  /** Called before it opens. */
  onOpen?(): void;
  children?: ReactNode;
};

export function ChangeDialog(props: Props) {
  const common = useTranslations('common');
  const { kind = 'primary' } = props;
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    const refused = await props.onConfirm();
    setProblem(refused);
    if (refused === null) setOpen(false);
  }

  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={(open) => {
        if (open) props.onOpen?.();
        setProblem(null);
        setOpen(open);
      }}
    >
      <Dialog.Trigger className="button" data-kind={kind === 'danger' ? 'danger' : undefined} disabled={props.isBusy}>
        {props.trigger}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          {...(props.about ? {} : { 'aria-describedby': undefined })}
          className="card fixed inset-x-0 top-1/2 z-50 mx-auto max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-y-1/2 overflow-y-auto p-6 shadow-raised"
        >
          <form onSubmit={(event) => void onSubmit(event)}>
            <Dialog.Title className="text-lg font-semibold tracking-tight">{props.title}</Dialog.Title>
            {props.about && (
              <Dialog.Description className="mt-1.5 text-[0.9375rem] text-muted">{props.about}</Dialog.Description>
            )}
            {props.children && <div className="mt-4 grid gap-4">{props.children}</div>}
            {problem && (
              <p role="alert" className="mt-4 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
                {problem}
              </p>
            )}
            <div className="mt-6 flex justify-end gap-2">
              <Dialog.Close className="button">{common('cancel')}</Dialog.Close>
              <button type="submit" className="button" data-kind={kind} disabled={props.isBusy}>
                {props.confirm}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
