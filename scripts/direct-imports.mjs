// Bundled, a module imports what it takes of a folder's index from the file that has it.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const imports = /^(import|export) \{([^}]*)\} from '([^']*\/index\.ts)';$/gm;
const reexports = /^export \{([^}]*)\} from '([^']*)';$/gm;

/**
 * esbuild puts all that an index names into the parts that import anything of it: so a command would
 * load what only another one uses. A name that no file has ends the build.
 */
export const directImports = {
  name: 'direct imports',
  setup(build) {
    const known = new Map();
    const ownersOf = (index) => {
      const found = known.get(index) ?? findOwners(index);
      known.set(index, found);
      return found;
    };
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      // The first index is the public API: what it names, it gives.
      const own = /\/src\/[^/]+\/.*index\.ts$/.test(path) ? text.replace(reexports, blank) : text;
      const statements = [...own.matchAll(imports)];
      const direct = await Promise.all(
        statements.map(async ([whole, word, names, from]) => {
          const owners = await ownersOf(join(dirname(path), from));
          const lines = valuesOf(names).map(([name, as]) => {
            const { file, original } = owners.get(name) ?? {
              file: join(dirname(path), from),
              original: name,
            };
            const to = relative(dirname(path), file);
            return `${word} { ${original} as ${as} } from '${to.startsWith('.') ? to : `./${to}`}';`;
          });
          return lines.join('') + blank(whole);
        }),
      );
      return { contents: own.replace(imports, () => direct.shift()), loader: 'ts' };
    });
  },
};

/** What an index gives on: the file that has it, by name. */
async function findOwners(index) {
  const text = await readFile(index, 'utf8');
  const owners = new Map();
  for (const [, names, from] of text.matchAll(reexports)) {
    const file = join(dirname(index), from);
    const further = from.endsWith('/index.ts') ? await findOwners(file) : new Map();
    for (const [original, as] of valuesOf(names)) {
      owners.set(as, further.get(original) ?? { file, original });
    }
  }
  return owners;
}

/** Names and what they are called here; types leave nothing. */
function valuesOf(names) {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(' as '))
    .map(([original, as = original]) => [original, as]);
}

/** Lines keep their numbers. */
function blank(statement) {
  return statement.replaceAll(/[^\n]/g, '');
}
