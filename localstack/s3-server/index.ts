export type { BucketOptions } from './bucket.ts';
export type { Fault } from './fault-kinds.ts';
export type { FaultHandle, FaultMatch, FaultRule, Faults } from './faults.ts';
export type { EntryMatch, RequestEntry, RequestLog } from './log.ts';
export type { Operation } from './routes.ts';
export type { S3Server, S3ServerOptions, SeedObject } from './server.ts';
export { startS3Server } from './server.ts';
export type { Settings } from './settings.ts';
export type { Credentials } from './signature.ts';
