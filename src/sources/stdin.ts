import type { Scheme, StdinLocation } from '../model/index.ts';
import type { OpenFiles } from './file/file.ts';

/** What came on stdin, spooled to a file of this run: it can be read as often as needed. */
export const stdin: Scheme<StdinLocation> = {
  textOf: () => '-',
  nameOf: () => 'stdin',
  async open() {
    const { closeFiles, pinFile } = await import('./file/file.ts');
    let closed = false;
    const files: OpenFiles = { handles: new Set(), isClosed: () => closed };
    return {
      async pin({ path }) {
        // Its name is this run's: it tells no format.
        const { path: _, ...copy } = await pinFile(path, '-', files);
        return copy;
      },
      async close() {
        closed = true;
        await closeFiles(files);
      },
    };
  },
};
