import type { SchemaElement } from 'hyparquet';
import { decodeText } from '../text.ts';

/**
 * The exact text of a raw value of a leaf (SPEC §3); undefined: it is no text, or no value of its
 * type. Raw values are what stands in the file, before any conversion: numbers, BigInts, bytes.
 */
export type LeafText = (raw: unknown) => string | undefined;

/**
 * How the values of a leaf are written as text; null where its type has no text that could be
 * compared. Decimals by their scale, dates as ISO, timestamps in UTC with the fraction digits that
 * they have (those without a zone as they stand), booleans as words, binary as hex.
 */
export function leafText(element: SchemaElement): LeafText | null {
  const { type, converted_type: converted, logical_type: logical } = element;
  // Which of two that contradict each other counts, readers do not agree.
  if (converted !== undefined && logical !== undefined && !agree(converted, logical.type)) {
    return null;
  }
  const scale = decimalScale(element);
  // Its digits do not fit into its bytes: one of the two is not what was written.
  if (scale !== null && !isWideEnough(element)) return null;
  if (scale !== null) return (raw) => ifInteger(raw, (value) => decimalText(value, scale));
  switch (type) {
    case 'BOOLEAN':
      return (raw) => (typeof raw === 'boolean' ? String(raw) : undefined);
    case 'INT32':
    case 'INT64':
      return integerText(element);
    case 'INT96':
      return (raw) => (typeof raw === 'bigint' ? timestampText(raw, 9, 'Z') : undefined);
    case 'FLOAT':
      return (raw) => (typeof raw === 'number' ? floatText(raw) : undefined);
    case 'DOUBLE':
      return (raw) => (typeof raw === 'number' ? doubleText(raw) : undefined);
    case 'BYTE_ARRAY':
      if (converted === 'BSON' || ownTypes.has(logical?.type ?? '')) return null;
      return isText(element) ? utf8Text : hexText;
    case 'FIXED_LEN_BYTE_ARRAY':
      if (converted === 'INTERVAL' || logical?.type === 'INTERVAL') return null;
      if (logical?.type === 'UUID') return uuidText;
      if (logical?.type === 'FLOAT16') return halfText;
      return hexText;
    case undefined:
      break;
  }
  return null;
}

/** Whether a converted type is the older word for a logical one. */
function agree(converted: string, logical: string): boolean {
  if (converted === 'UTF8') return logical === 'STRING';
  if (/^U?INT_/.test(converted)) return logical === 'INTEGER';
  return converted.replace(/_(?:MILLIS|MICROS)$/, '') === logical;
}

/** Logical types whose bytes are neither text nor a number. */
const ownTypes: ReadonlySet<string> = new Set(['BSON', 'VARIANT', 'GEOMETRY', 'GEOGRAPHY', 'FILE']);

/** Types whose bytes are UTF-8. */
const textTypes: ReadonlySet<string> = new Set(['UTF8', 'ENUM', 'JSON', 'STRING']);

function isText({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return textTypes.has(converted ?? '') || textTypes.has(logical?.type ?? '');
}

/** Digits after the point of a decimal; null: it is none. */
function decimalScale(element: SchemaElement): number | null {
  const { converted_type: converted, logical_type: logical } = element;
  if (logical?.type === 'DECIMAL') return logical.scale;
  return converted === 'DECIMAL' ? (element.scale ?? 0) : null;
}

/** Whether the bytes of a decimal can hold as many digits as it says it has. */
function isWideEnough({
  type,
  type_length: length,
  precision,
  logical_type: logical,
}: SchemaElement): boolean {
  const digits = logical?.type === 'DECIMAL' ? logical.precision : precision;
  const bytes = type === 'INT32' ? 4 : type === 'INT64' ? 8 : length;
  if (digits === undefined || bytes === undefined || type === 'BYTE_ARRAY') return true;
  return digits <= Math.floor(Math.log10(2) * (8 * bytes - 1));
}

function integerText(element: SchemaElement): LeafText {
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === 'DATE' || logical?.type === 'DATE') {
    return (raw) => ifInteger(raw, (days) => dateText(days));
  }
  const time = timeUnit(element);
  if (time !== null) {
    const { kind, digits, zone } = time;
    if (kind === 'time') return (raw) => ifInteger(raw, (value) => clockText(value, digits));
    return (raw) => ifInteger(raw, (value) => timestampText(value, digits, zone));
  }
  const bits = element.type === 'INT32' ? 32 : 64;
  const unsigned =
    (logical?.type === 'INTEGER' && !logical.isSigned) || (converted ?? '').startsWith('UINT_');
  return (raw) => ifInteger(raw, (value) => String(unsigned ? BigInt.asUintN(bits, value) : value));
}

interface TimeUnit {
  readonly kind: 'time' | 'timestamp';
  readonly digits: 3 | 6 | 9;
  readonly zone: '' | 'Z';
}

function timeUnit({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): TimeUnit | null {
  if (logical?.type === 'TIMESTAMP' || logical?.type === 'TIME') {
    const digits = ({ MILLIS: 3, MICROS: 6, NANOS: 9 } as const)[logical.unit];
    const zone = logical.isAdjustedToUTC ? 'Z' : '';
    return { kind: logical.type === 'TIME' ? 'time' : 'timestamp', digits, zone };
  }
  return convertedTimes.get(converted ?? '') ?? null;
}

const convertedTimes: ReadonlyMap<string, TimeUnit> = new Map([
  ['TIMESTAMP_MILLIS', { kind: 'timestamp', digits: 3, zone: 'Z' }],
  ['TIMESTAMP_MICROS', { kind: 'timestamp', digits: 6, zone: 'Z' }],
  ['TIME_MILLIS', { kind: 'time', digits: 3, zone: '' }],
  ['TIME_MICROS', { kind: 'time', digits: 6, zone: '' }],
]);

/** Big-endian two's complement, or a number: what integers of any width are stored as. */
function ifInteger(raw: unknown, text: (value: bigint) => string | undefined): string | undefined {
  if (typeof raw === 'bigint') return text(raw);
  if (typeof raw === 'number') return Number.isInteger(raw) ? text(BigInt(raw)) : undefined;
  if (!(raw instanceof Uint8Array)) return undefined;
  if (raw.length === 0) return text(0n);
  return text(BigInt.asIntN(8 * raw.length, BigInt(`0x${hexText(raw)}`)));
}

function decimalText(value: bigint, scale: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString();
  if (scale <= 0) return `${sign}${digits === '0' ? digits : digits + '0'.repeat(-scale)}`;
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; of years 0 to 9999. */
function dateText(days: bigint): string | undefined {
  const time = Number(days) * 86_400_000;
  if (!(time >= -62_167_219_200_000 && time < 253_402_300_800_000)) return undefined;
  return new Date(time).toISOString().slice(0, 10);
}

function timestampText(value: bigint, digits: 3 | 6 | 9, zone: '' | 'Z'): string | undefined {
  const unit = 10n ** BigInt(digits);
  const fraction = ((value % unit) + unit) % unit;
  const seconds = (value - fraction) / unit;
  const clock = ((seconds % 86_400n) + 86_400n) % 86_400n;
  const date = dateText((seconds - clock) / 86_400n);
  if (date === undefined) return undefined;
  return `${date}T${clockText(clock * unit + fraction, digits)}${zone}`;
}

/** `17:04:05`, with the fraction digits that are not zero at the end. */
function clockText(value: bigint, digits: 3 | 6 | 9): string | undefined {
  const unit = 10n ** BigInt(digits);
  const seconds = Number(value / unit);
  if (value < 0n || seconds >= 86_400) return undefined;
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return fraction === '' ? clock : `${clock}.${fraction}`;
}

/** The shortest text that reads back as the same double. */
function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The shortest text that reads back as the same number of four bytes. */
function floatText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return doubleText(value);
  for (let precision = 1; precision < 9; precision += 1) {
    const text = value.toPrecision(precision);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** A number of two bytes, little endian (IEEE 754 binary16). */
function halfText(raw: unknown): string | undefined {
  if (!(raw instanceof Uint8Array) || raw.length !== 2) return undefined;
  const bits = raw[0]! | (raw[1]! << 8);
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? String(sign * Infinity) : 'NaN';
  const value =
    exponent === 0 ? 2 ** -14 * (fraction / 1024) : 2 ** (exponent - 15) * (1 + fraction / 1024);
  return doubleText(sign * value);
}

/** Text that stands there as UTF-8. */
export function utf8Text(raw: unknown): string | undefined {
  if (!(raw instanceof Uint8Array)) return undefined;
  return decodeText(Buffer.from(raw.buffer, raw.byteOffset, raw.length)) ?? undefined;
}

function hexText(raw: unknown): string | undefined {
  if (!(raw instanceof Uint8Array)) return undefined;
  return Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('hex');
}

function uuidText(raw: unknown): string | undefined {
  const hex = hexText(raw);
  if (hex?.length !== 32) return undefined;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
