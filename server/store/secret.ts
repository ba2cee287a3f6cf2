// The installation's one secret: 32 bytes from the environment, from a file, or made once in the data directory.

export type LoadedSecret =
  /** `made` is the file that was just created for it, else null. */
  { kind: 'secret'; secret: Buffer; made: string | null } | { kind: 'invalid'; sentence: string };

export declare function loadSecret(options: {
  env: { FOYER_SECRET_KEY?: string | undefined; FOYER_SECRET_KEY_FILE?: string | undefined };
  dataDir: string;
}): LoadedSecret;
