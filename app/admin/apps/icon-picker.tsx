// An app's icon: drawn from its name, one of those that Foyer brings, or a picture of one's own.
'use client';
import { ImageUp } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type ChangeEvent, useId, useRef, useState } from 'react';
import { type AppIcon as Icon, SHIPPED_ICONS } from '#server/core/app.ts';
import { MAX_PICTURE_BYTES, PICTURE_REFUSALS, type PictureRefusal } from '#server/core/small-picture.ts';
import { AppIcon } from '../../launcher/app-icon.tsx';
import { FieldError } from '../../ui/field.tsx';
import { iconText } from './look-form-values.ts';

type Props = { app: { id: string; name: string; icon: Icon } | undefined; error: string | undefined };

/** What was uploaded for this form; `src` shows it before the app has it. */
type Picture = { icon: Icon & { kind: 'uploaded' }; src: string | null };
type Problem = PictureRefusal | 'failed';

export function IconPicker({ app, error }: Props) {
  const t = useTranslations('launcher.icon');
  const id = useId();
  const file = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState(iconText(app?.icon));
  const [picture, setPicture] = useState<Picture | null>(
    app?.icon.kind === 'uploaded' ? { icon: app.icon, src: null } : null,
  );
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const shown = { id: app?.id ?? '', name: app?.name ?? t('drawnSample') };

  async function onFile(event: ChangeEvent<HTMLInputElement>) {
    const [given] = event.target.files ?? [];
    // The same file can be chosen again after it was mended.
    event.target.value = '';
    if (!given) return;
    setBusy(true);
    const result = await upload(given);
    setBusy(false);
    setProblem(result.kind === 'refused' ? result.problem : null);
    if (result.kind === 'refused') return;
    setPicture(result.picture);
    setChosen(iconText(result.picture.icon));
  }

  const sentence = problem ? t(`problem.${problem}`) : error;
  return (
    <fieldset className="min-w-0" aria-describedby={sentence ? `${id}-error` : undefined}>
      <legend className="mb-1.5 text-sm font-medium">{t('label')}</legend>
      <div className="card p-2.5">
        <div className="flex flex-wrap gap-1">
          <Choice value="drawn" label={t('drawn')} chosen={chosen} onChoose={setChosen}>
            <AppIcon app={{ ...shown, icon: { kind: 'drawn' } }} size="middle" />
          </Choice>
          {picture && (
            <Choice value={iconText(picture.icon)} label={t('uploaded')} chosen={chosen} onChoose={setChosen}>
              {picture.src ? (
                // biome-ignore lint/performance/noImgElement: a data URL of what was just uploaded
                <img src={picture.src} alt="" width={32} height={32} className="size-8 rounded-lg object-contain" />
              ) : (
                <AppIcon app={{ ...shown, icon: picture.icon }} size="middle" />
              )}
            </Choice>
          )}
          {SHIPPED_ICONS.map((name) => (
            <Choice
              key={name}
              value={iconText({ kind: 'shipped', name })}
              label={t(`names.${name}`)}
              chosen={chosen}
              onChoose={setChosen}
            >
              <AppIcon app={{ ...shown, icon: { kind: 'shipped', name } }} size="middle" />
            </Choice>
          ))}
        </div>
        <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 px-1">
          <button type="button" className="button" disabled={isBusy} onClick={() => file.current?.click()}>
            <ImageUp size={16} aria-hidden />
            {isBusy ? t('uploading') : t('choose')}
          </button>
          <input
            ref={file}
            type="file"
            accept="image/png,image/jpeg,image/webp,image/gif"
            aria-label={t('choose')}
            tabIndex={-1}
            className="sr-only"
            onChange={onFile}
          />
          <p className="text-[0.8125rem] text-muted">{t('hint')}</p>
        </div>
      </div>
      <div role="status">
        <FieldError id={id} error={sentence} />
      </div>
    </fieldset>
  );
}

function Choice(props: {
  value: string;
  label: string;
  chosen: string;
  onChoose(value: string): void;
  children: React.ReactNode;
}) {
  return (
    <label
      title={props.label}
      className="grid size-11 cursor-pointer place-items-center rounded-lg border border-transparent hover:bg-sunken has-checked:border-strong has-checked:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-accent"
    >
      <input
        type="radio"
        name="icon"
        value={props.value}
        checked={props.chosen === props.value}
        onChange={() => props.onChoose(props.value)}
        aria-label={props.label}
        className="sr-only"
      />
      {props.children}
    </label>
  );
}

type Uploaded = { kind: 'uploaded'; picture: Picture } | { kind: 'refused'; problem: Problem };

async function upload(file: File): Promise<Uploaded> {
  if (file.size > MAX_PICTURE_BYTES) return { kind: 'refused', problem: 'size' };
  try {
    const answer = await fetch('/launcher/icons', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file,
    });
    const result = await answer.json();
    if (result.kind === 'saved')
      return { kind: 'uploaded', picture: { icon: { kind: 'uploaded', sha256: result.id }, src: result.src } };
    return { kind: 'refused', problem: PICTURE_REFUSALS.find((each) => each === result.errors?.icon) ?? 'failed' };
  } catch {
    return { kind: 'refused', problem: 'failed' };
  }
}
