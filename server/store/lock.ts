// One supervisor per data directory: a lock that the operating system drops when its process dies.

export type DataDirLock = { kind: 'locked'; release(): void } | { kind: 'refused'; sentence: string };

export declare function lockDataDir(dataDir: string): DataDirLock;
