// One certificate, ECDSA P-256, that Foyer and every peer show in a run.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '#server/certificates.testing.ts';

/** File names; `bothFile` holds chain and key, as HAProxy wants them. */
export type BenchCertificate = { certFile: string; keyFile: string; bothFile: string };

export async function makeCertificate(dir: string, names: readonly string[]): Promise<BenchCertificate> {
  const authority = await createAuthority('Foyer bench');
  const { cert, key } = await authority.issue({ names });
  const write = (name: string, text: string): string => {
    const file = join(dir, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    certFile: write('bench.crt', cert),
    keyFile: write('bench.key', key),
    bothFile: write('bench.pem', `${cert}\n${key}`),
  };
}
