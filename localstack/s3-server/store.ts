import { randomBytes } from 'node:crypto';
import { Bucket } from './bucket.ts';
import type { BucketOptions } from './bucket.ts';
import { s3Error } from './errors.ts';

/** The account that owns whatever is not given another owner. */
export const defaultOwnerId = '000000000000';

/** 32 characters without an order, as S3's version ids are. */
function randomVersionId(): string {
  return randomBytes(24).toString('base64').replaceAll('+', '.').replaceAll('/', '_');
}

/** Every bucket, by name. */
export class Store {
  readonly #buckets = new Map<string, Bucket>();
  readonly #newVersionId: () => string;

  constructor(newVersionId: () => string = randomVersionId) {
    this.#newVersionId = newVersionId;
  }

  /** Creates a bucket; an existing one is an error, as S3 words it outside us-east-1. */
  create(name: string, created: Date, options: BucketOptions = {}): Bucket {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw s3Error('InvalidBucketName', { details: { BucketName: name } });
    }
    const existing = this.#buckets.get(name);
    if (existing !== undefined) {
      const ours = existing.ownerId === (options.ownerId ?? defaultOwnerId);
      throw s3Error(ours ? 'BucketAlreadyOwnedByYou' : 'BucketAlreadyExists', {
        details: { BucketName: name },
      });
    }
    const bucket = new Bucket(name, created, {
      ownerId: defaultOwnerId,
      ...options,
      newVersionId: this.#newVersionId,
    });
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** The bucket of that name, or NoSuchBucket. */
  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw s3Error('NoSuchBucket', { details: { BucketName: name } });
    return bucket;
  }

  /** The bucket of that name, when there is one. */
  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** Removes an empty bucket. */
  delete(name: string): void {
    if (!this.get(name).isEmpty) {
      throw s3Error('BucketNotEmpty', { details: { BucketName: name } });
    }
    this.#buckets.delete(name);
  }

  /** Every bucket in order of name. */
  list(): Bucket[] {
    return [...this.#buckets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}
