// The S3 client describes all of S3's operations in one module, a fifth of the SDK that is loaded.
import { readFile } from 'node:fs/promises';

/**
 * Bundles of these descriptions what is used. Their keys are constants of the module, which esbuild does
 * not look into: it keeps what has them. As plain keys they are seen to do nothing.
 */
export const usedSchemas = {
  name: 'used schemas',
  setup({ onLoad }) {
    onLoad({ filter: /client-s3\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const constants = [...text.matchAll(/^const (\w+) = ("\w+");$/gm)];
      const keys = new Map(constants.map(([, name, key]) => [`[${name}]:`, `${key}:`]));
      const contents = text.replace(/\[\w+\]:/g, (computed) => keys.get(computed) ?? computed);
      if (contents === text) throw new Error("the S3 client's schemas are written otherwise");
      return { contents, loader: 'js' };
    });
  },
};
