// The API as people first use it: with curl, through the gateway. It resolves names under localhost by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type CurlAnswer = {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: ReturnType<typeof JSON.parse>;
};

export async function curl(args: readonly string[]): Promise<CurlAnswer> {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--show-error', '--include', ...args]);
  const [head = '', ...rest] = stdout.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((each) => [each.split(':', 1)[0]?.toLowerCase(), each.replace(/^[^:]*:\s*/, '')]),
  );
  const text = rest.join('\r\n\r\n');
  const json = /json/.test(headers['content-type'] ?? '') && text ? JSON.parse(text) : undefined;
  return { status: Number(line.split(' ')[1]), headers, text, json };
}
