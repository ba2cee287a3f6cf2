// Keeps header settings that name the upstream with it, while its fields are being typed in. The fields are their own: what follows is written into them.
'use client';
import { type FormEvent, useRef, useState } from 'react';
import { followUpstream, type Names, upstreamNames } from './follow-upstream.ts';

/** `followed`: the origin that a header was set to last, for a sentence that says so. */
export function useFollowing() {
  const last = useRef<Names | null>(null);
  const [followed, setFollowed] = useState<string | null>(null);

  /** From where somebody begins to type: a part of the form may have begun anew since. */
  function onFocus({ currentTarget }: FormEvent<HTMLFormElement>) {
    last.current = upstreamNames(new FormData(currentTarget));
  }

  function onInput({ currentTarget, target }: FormEvent<HTMLFormElement>) {
    if (!/^upstream\.(scheme|host|port)$/.test((target as HTMLInputElement).name)) return;
    const form = new FormData(currentTarget);
    const now = upstreamNames(form);
    if (now === null) return;
    const fields = last.current === null ? new Map<string, string>() : followUpstream(form, last.current, now);
    for (const [name, value] of fields) {
      const field = currentTarget.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value;
    }
    last.current = now;
    if (fields.size > 0) setFollowed(now.origin);
  }

  return { followed, onFocus, onInput };
}
