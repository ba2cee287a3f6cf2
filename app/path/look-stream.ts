// A look at a path as a stream of lines of JSON: each step when it ends, then how the look ended.
import type { TraceEnd } from '#server/core/path.ts';

/** `look` gets what to call for each step, and a signal that the reader is gone. */
export function lookStream(
  request: Request,
  look: (tell: (step: object) => void, signal: AbortSignal) => Promise<Pick<TraceEnd, 'kind'>>,
): Response {
  const gone = new AbortController();
  const signal = AbortSignal.any([request.signal, gone.signal]);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const write = (line: object) => {
        if (!signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      const end = await look((step) => write({ step }), signal);
      write({ end });
      if (!signal.aborted) controller.close();
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, {
    // Without `no-transform` lines would wait for a compressor to fill.
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store, no-transform' },
  });
}

const MAX_BYTES = 1_024;

/** The fields of a small form; null when it is none. */
export async function smallForm(request: Request): Promise<URLSearchParams | null> {
  const size = Number(request.headers.get('content-length') ?? Number.NaN);
  return size <= MAX_BYTES ? new URLSearchParams(await request.text()) : null;
}
