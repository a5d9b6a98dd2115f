// Bundles the script and the style of the HTML reports' pages into a module that the reporter imports.
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const directory = 'src/report/html/page';

/** Resolves to the module's text, and to the files that the pages hold. */
export async function bundlePage() {
  const preact = JSON.parse(await readFile('node_modules/preact/package.json', 'utf8'));
  const { metafile, outputFiles } = await build({
    entryPoints: [join(directory, 'main.tsx'), join(directory, 'style.css')],
    outdir: 'out',
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    // A page is opened where it was sent, by whatever browser is there.
    target: ['chrome111', 'firefox115', 'safari16.4'],
    tsconfig: join(directory, 'tsconfig.json'),
    legalComments: 'none',
    banner: {
      js: `/*! Contains Preact ${preact.version}, Copyright (c) 2015-present Jason Miller, MIT License */`,
    },
    metafile: true,
    logLevel: 'warning',
  });
  const text = (suffix) => outputFiles.find(({ path }) => path.endsWith(suffix)).text.trim();
  return {
    module:
      '/** What makes the pages answer, and how they look; bundled by scripts/page.mjs. */\n' +
      `export const pageScript: string = ${JSON.stringify(text('.js'))};\n` +
      `export const pageStyle: string = ${JSON.stringify(text('.css'))};\n`,
    inputs: Object.keys(metafile.inputs),
  };
}
