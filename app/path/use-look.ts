// One look at a path in the browser: asked for, and its steps taken as they come, one line each.
'use client';
import { useCallback, useEffect, useRef, useState } from 'react';

export type LookPhase = 'running' | 'done' | 'busy' | 'replaced' | 'signedOut' | 'gone' | 'failed';

/** What a stream says: a step, or how it ended. */
export type LookLine<S> = { step: S } | { end: { kind: 'done' | 'replaced' | 'busy' | 'gone'; tookMs?: number } };

export type Look<S> = { phase: LookPhase; steps: readonly S[]; tookMs: number | null; again(): void };

const AGAIN_MS = 1_500;
const MAX_TRIES = 8;

/** Begins when it is first shown, and again when what is asked changes. `body`: a form's fields. */
export function useLook<S>(address: string, body: string): Look<S> {
  const [round, setRound] = useState(0);
  const [phase, setPhase] = useState<LookPhase>('running');
  const [steps, setSteps] = useState<readonly S[]>([]);
  const [tookMs, setTookMs] = useState<number | null>(null);
  const tries = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another round is another look
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const startedAt = performance.now();
    setPhase('running');
    setSteps([]);
    setTookMs(null);
    const take = (line: LookLine<S>) => {
      if (ended.signal.aborted) return;
      if ('step' in line) return setSteps((before) => [...before, line.step]);
      if (line.end.kind === 'done') setTookMs(line.end.tookMs ?? performance.now() - startedAt);
      setPhase(line.end.kind);
      if (line.end.kind !== 'busy' || tries.current >= MAX_TRIES) return;
      tries.current += 1;
      timer = setTimeout(() => setRound((before) => before + 1), AGAIN_MS);
    };
    readLook<S>(address, body, ended.signal, take)
      .then((failure) => failure && !ended.signal.aborted && setPhase(failure))
      .catch(() => !ended.signal.aborted && setPhase('failed'));
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [address, body, round]);

  const again = useCallback(() => {
    tries.current = 0;
    setRound((before) => before + 1);
  }, []);
  return { phase, steps, tookMs, again };
}

/** Why there is nothing to read, or null when it was read to its end. */
async function readLook<S>(
  address: string,
  body: string,
  signal: AbortSignal,
  take: (line: LookLine<S>) => void,
): Promise<LookPhase | null> {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
    signal,
  });
  if (answer.status === 401) return 'signedOut';
  if (answer.status === 404 || answer.status === 403) return 'gone';
  if (!answer.ok || !answer.body) return 'failed';
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  let isOver = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return isOver ? null : 'failed';
    text += value;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const read = JSON.parse(line) as LookLine<S>;
      isOver ||= 'end' in read;
      take(read);
    }
  }
}
