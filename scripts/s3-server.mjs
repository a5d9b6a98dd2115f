// `npm run s3 -- [--port NUMBER]`: the embedded S3 server by itself, until Ctrl-C.
import { stop } from 'esbuild';
import { bundle } from './bundle.mjs';

const address = await bundle('localstack/s3-server/main.ts');
await stop();
await import(address);
