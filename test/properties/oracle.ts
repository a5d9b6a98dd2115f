import type { Table } from './tables.ts';

/**
 * SPEC §2 once more, slowly: plain maps of JSON keys over whole tables. It shares no code with the
 * product, and reads tables before they are written.
 */

export interface OracleContract {
  readonly key: readonly { readonly column: string; readonly optional: boolean }[];
  readonly consumed: readonly string[];
  /** Steps by column, as a contract writes them. */
  readonly normalize: Readonly<Record<string, readonly Step[]>>;
  readonly min: number;
  readonly max: number | null;
  readonly maxAmplification: number | null;
}
export type Step =
  | 'trim'
  | 'collapse-spaces'
  | 'lowercase'
  | 'uppercase'
  | 'nfc'
  | 'integer'
  | 'boolean'
  | 'date'
  | { readonly decimal: number }
  | { readonly empty: readonly string[] };

export interface OracleFinding {
  readonly kind: string;
  readonly side: string;
  readonly key: readonly string[] | null;
  readonly fields: readonly string[];
  readonly rowCount: readonly [reviewed: number, runtime: number];
  /** 1-based records: the first 20 of each side. */
  readonly rows: readonly (readonly [side: string, record: number])[];
}

export interface OracleSide {
  readonly rows: number;
  readonly units: number;
  readonly redundant: number;
  readonly invalid: number;
  /** Sorted; equal for equal multisets. */
  readonly multiset: readonly string[];
}

export interface OracleReport {
  readonly reviewed: OracleSide;
  readonly runtime: OracleSide;
  readonly findings: readonly OracleFinding[];
}

type Row = { record: number; key: string; consumed: string };

export function judge(reviewed: Table, runtime: Table, contract: OracleContract): OracleReport {
  const r = readSide(reviewed, contract);
  const t = readSide(runtime, contract);
  const findings: OracleFinding[] = [];
  const keys = [...new Set([...r.valid, ...t.valid].map(({ key }) => key))];
  for (const key of keys) {
    const inR = r.valid.filter((row) => row.key === key);
    const inT = t.valid.filter((row) => row.key === key);
    const variantsR = [...new Set(inR.map(({ consumed }) => consumed))];
    const variantsT = [...new Set(inT.map(({ consumed }) => consumed))];
    const add = (kind: string, side: string, variants: readonly string[] = []): void => {
      findings.push({
        kind,
        side,
        key: JSON.parse(key),
        fields: contract.consumed.filter(
          (_, at) => new Set(variants.map((variant) => JSON.parse(variant)[at])).size > 1,
        ),
        rowCount: [inR.length, inT.length],
        rows: [
          ...inR.slice(0, 20).map(({ record }) => ['reviewed', record] as const),
          ...inT.slice(0, 20).map(({ record }) => ['runtime', record] as const),
        ],
      });
    };
    if (inR.length === 0) add('added', 'runtime');
    if (inT.length === 0) add('removed', 'reviewed');
    if (variantsR.length > 1) add('conflict', 'reviewed', variantsR);
    else if (inR.length > 1) add('duplicated', 'reviewed');
    if (variantsT.length > 1) add('conflict', 'runtime', variantsT);
    else if (inT.length > 1) add('duplicated', 'runtime');
    if (variantsR.length === 1 && variantsT.length === 1 && variantsR[0] !== variantsT[0]) {
      add('conflict', 'across', [...variantsR, ...variantsT]);
    }
  }
  for (const [side, { invalid }] of [
    ['reviewed', r],
    ['runtime', t],
  ] as const) {
    for (const record of invalid) {
      const rowCount = side === 'reviewed' ? ([1, 0] as const) : ([0, 1] as const);
      findings.push({
        kind: 'invalid',
        side,
        key: null,
        fields: [],
        rowCount,
        rows: [[side, record]],
      });
    }
  }
  const sides = { reviewed: total(r, reviewed), runtime: total(t, runtime) };
  for (const side of ['reviewed', 'runtime'] as const) {
    const { units, rows, invalid } = sides[side];
    const broken = [
      units < contract.min,
      contract.max !== null && units > contract.max,
      contract.maxAmplification !== null &&
        units > 0 &&
        (rows - invalid) / units > contract.maxAmplification,
    ];
    for (const _ of broken.filter(Boolean)) {
      findings.push({ kind: 'bounds', side, key: null, fields: [], rowCount: [0, 0], rows: [] });
    }
  }
  return { ...sides, findings: inOrder(findings) };
}

interface ReadSide {
  readonly valid: readonly Row[];
  readonly invalid: readonly number[];
}

function total({ valid, invalid }: ReadSide, { rows }: Table): OracleSide {
  const units = new Set(valid.map(({ key }) => key)).size;
  return {
    rows: rows.length,
    units,
    redundant: valid.length - units,
    invalid: invalid.length,
    multiset: valid.map(({ key, consumed }) => JSON.stringify([key, consumed])).sort(),
  };
}

function readSide({ header, rows }: Table, contract: OracleContract): ReadSide {
  const valid: Row[] = [];
  const invalid: number[] = [];
  rows.forEach((cells, index) => {
    const normal = (column: string): string | null =>
      normalize(cells[header.indexOf(column)] ?? '', contract.normalize[column] ?? []);
    const key = contract.key.map(({ column }) => normal(column));
    const consumed = contract.consumed.map(normal);
    const hasKey = contract.key.every(({ optional }, at) => optional || key[at] !== '');
    if (cells.length !== header.length || [...key, ...consumed].includes(null) || !hasKey) {
      invalid.push(index + 1);
    } else {
      valid.push({
        record: index + 1,
        key: JSON.stringify(key),
        consumed: JSON.stringify(consumed),
      });
    }
  });
  return { valid, invalid };
}

/** Null: a step cannot read it. */
function normalize(value: string, steps: readonly Step[]): string | null {
  let now: string | null = value;
  for (const step of steps) {
    if (now === null || now === '') return now;
    now = apply(now, step);
  }
  return now;
}

function apply(value: string, step: Step): string | null {
  if (typeof step === 'object') {
    if ('empty' in step) return step.empty.includes(value) ? '' : value;
    return decimal(value, step.decimal);
  }
  switch (step) {
    case 'trim':
      return value.replace(/^\s+/, '').replace(/\s+$/, '');
    case 'collapse-spaces':
      return value.split(/\s+/).join(' ');
    case 'lowercase':
      return value.toLowerCase();
    case 'uppercase':
      return value.toUpperCase();
    case 'nfc':
      return value.normalize('NFC');
    case 'integer':
      return /^[+-]?[0-9]+$/.test(value) ? String(BigInt(value.replace('+', ''))) : null;
    case 'boolean': {
      if (/^(true|t|yes|y|on|1)$/i.test(value)) return 'true';
      return /^(false|f|no|n|off|0)$/i.test(value) ? 'false' : null;
    }
    case 'date': {
      if (!/^(\d{4}-\d\d-\d\d|\d{8})$/.test(value)) return null;
      const digits = value.replaceAll('-', '');
      const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
      const time = new Date(`${iso}T00:00:00Z`);
      return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(iso) ? iso : null;
    }
  }
}

/** By whole numbers: the value times 10^(places + its own), rounded half away from zero. */
function decimal(value: string, places: number): string | null {
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(value)) return null;
  const negative = value.startsWith('-');
  const [whole = '', fraction = ''] = value.replace(/^[+-]/, '').split('.');
  const scaled = BigInt(`${whole}${fraction}` || '0') * 10n ** BigInt(places);
  const unit = 10n ** BigInt(fraction.length);
  const rounded = (2n * scaled + unit) / (2n * unit);
  const digits = String(rounded).padStart(places + 1, '0');
  const point = digits.length - places;
  const text = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative && rounded !== 0n ? `-${text}` : text;
}

const kinds = ['added', 'removed', 'duplicated', 'conflict', 'invalid', 'bounds'];
const sides = ['reviewed', 'runtime', 'across'];

function inOrder(findings: OracleFinding[]): OracleFinding[] {
  return findings.sort((a, b) => {
    if (a.kind !== b.kind) return kinds.indexOf(a.kind) - kinds.indexOf(b.kind);
    for (let at = 0; at < (a.key?.length ?? 0); at += 1) {
      const [one, other] = [a.key![at]!, b.key![at]!];
      if (one !== other) return one < other ? -1 : 1;
    }
    if (a.side !== b.side) return sides.indexOf(a.side) - sides.indexOf(b.side);
    return (a.rows[0]?.[1] ?? 0) - (b.rows[0]?.[1] ?? 0);
  });
}
