/** How this server differs from another; a test may change each at any time. */
export interface Settings {
  /**
   * What If-Match and If-None-Match do on a write. S3 honours them; some other servers ignore
   * them, some answer 501.
   */
  conditionalWrites: 'honoured' | 'ignored' | 'not-implemented';
  /** The answer to a request signed for another region than the bucket's: 400, or 301. */
  wrongRegion: 'malformed' | 'redirect';
  /** What is stored when the writer sent no checksum. `none` is like an object of former years. */
  defaultChecksum: 'CRC64NVME' | 'none';
  /** The least size of every part but the last, in bytes. S3's is 5 MiB. */
  minPartSize: number;
}

/** S3's own behaviour. */
export function defaultSettings(): Settings {
  return {
    conditionalWrites: 'honoured',
    wrongRegion: 'malformed',
    defaultChecksum: 'CRC64NVME',
    minPartSize: 5 * 1024 ** 2,
  };
}
