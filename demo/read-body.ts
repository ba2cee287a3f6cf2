// Reads what a form or a script sent to a sample app, up to a limit.
import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Null when it is longer than the limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A form in either encoding. Null when it is none, broken, or too long. */
export async function readForm(request: IncomingMessage): Promise<FormData | null> {
  const body = await readBody(request);
  if (!body) return null;
  try {
    return await new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
  } catch {
    return null;
  }
}
