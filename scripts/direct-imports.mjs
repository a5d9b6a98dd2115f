// Bundled, a module imports what it takes of a folder's index from the file that has it.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

const imports = /^(import|export) \{([^}]*)\} from '([^']*\/index\.ts)';$/gm;
const later = /\bimport\('([^']*\/index\.ts)'\)/g;
const reexports = /^export \{([^}]*)\} from '([^']*)';$/gm;

/**
 * esbuild puts all that an index names into the parts that import anything of it: so a command would
 * load what only another one uses. A name that no file has ends the build. An index that is imported
 * dynamically stays whole: what is taken of it is known when it is loaded.
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
    let whole = new Set();
    build.onStart(async () => {
      whole = await importedLater('src');
    });
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      // The first index is the public API: what it names, it gives.
      const isIndex = /\/src\/[^/]+\/.*index\.ts$/.test(path) && !whole.has(path);
      const own = isIndex ? text.replace(reexports, blank) : text;
      const statements = [...own.matchAll(imports)];
      const direct = await Promise.all(
        statements.map(async ([statement, word, names, from]) => {
          const owners = await ownersOf(join(dirname(path), from));
          const lines = valuesOf(names).map(([name, as]) => {
            const { file, original } = owners.get(name) ?? {
              file: join(dirname(path), from),
              original: name,
            };
            const to = relative(dirname(path), file);
            return `${word} { ${original} as ${as} } from '${to.startsWith('.') ? to : `./${to}`}';`;
          });
          return lines.join('') + blank(statement);
        }),
      );
      return { contents: own.replace(imports, () => direct.shift()), loader: 'ts' };
    });
  },
};

/** Every index below a folder that some module imports dynamically. */
async function importedLater(folder) {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => resolve(folder, name));
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8');
      return [...text.matchAll(later)].map(([, from]) => join(dirname(file), from));
    }),
  );
  return new Set(found.flat());
}

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
