import {
  byCodeUnits,
  copyName,
  KeydriftError,
  memberOf,
  sha256Hex,
  type BundleManifest,
  type HintText,
} from '../../model/index.ts';

/** The manifest's name in a bundle; files beside it are `files/<sha256>`. */
export const manifestName = 'keydrift.bundle.json';

/** The name under which a bundle has a content. */
export function fileName(sha256: string): string {
  return `files/${sha256}`;
}

/** The manifest's bytes: names sorted by code units, so that equal manifests are equal bytes. */
export function manifestText(manifest: BundleManifest): string {
  return `${JSON.stringify(sorted(manifest), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(members.toSorted(([a], [b]) => byCodeUnits(a, b)));
}

/**
 * Reads a manifest, and checks what it says of itself: its schema, the contract's hash, and that
 * names and hashes of files agree. `shown` names it in errors. Throws `BUNDLE_INVALID`.
 */
export async function readManifest(bytes: Uint8Array, shown: string): Promise<BundleManifest> {
  const data = parseJson(bytes, shown);
  const schema = memberOf(data, 'schema');
  if (schema !== 'keydrift.bundle/1') {
    const found = typeof schema === 'string' ? JSON.stringify(schema.slice(0, 80)) : 'none';
    throw invalid(
      shown,
      `its schema is ${found}, expected "keydrift.bundle/1"`,
      'A newer keydrift may have made it: use the version that made it, or make it again.',
    );
  }
  const { bundle } = await import('../../model/schemas/bundle.ts');
  const parsed = bundle.safeParse(data, { jitless: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue === undefined) throw invalid(shown, 'it has another shape');
    const where = issue.path.map(String).join('.');
    throw invalid(shown, `${where === '' ? 'the manifest' : where}: ${issue.message}`);
  }
  checkHashes(parsed.data, shown);
  return parsed.data;
}

function checkHashes({ contract, artifacts }: BundleManifest, shown: string): void {
  const found = sha256Hex(contract.text);
  if (found !== contract.sha256) {
    throw invalid(shown, `the contract has sha256 ${found}, its manifest says ${contract.sha256}`);
  }
  const names = new Set<string>();
  for (const bundled of artifacts) {
    const name = copyName(bundled.artifact, bundled.copy);
    if (names.has(name)) throw invalid(shown, `${name} stands in it twice`);
    names.add(name);
    for (const { file, sha256 } of [bundled, ...bundled.versions]) {
      if (file === fileName(sha256)) continue;
      throw invalid(shown, `${name}: ${file} is not the name of a content with sha256 ${sha256}`);
    }
  }
}

function parseJson(bytes: Uint8Array, shown: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(shown, 'it is not JSON', undefined, cause);
  }
}

function invalid(shown: string, why: string, hint?: HintText, cause?: unknown): KeydriftError {
  return new KeydriftError('BUNDLE_INVALID', `${shown} is no manifest of a bundle: ${why}`, {
    hint: hint ?? {
      text: 'It was changed since it was made. Make the bundle again',
      command: 'keydrift bundle --out DIR',
    },
    cause,
  });
}
