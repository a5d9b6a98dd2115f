// `npm run s3 -- [--port NUMBER]`: the embedded S3 server by itself, until Ctrl-C.
const lacking = () => {
  console.error('The packages of this project are not installed yet: npm ci');
  process.exit(2);
};
const { stop } = await import('esbuild').catch(lacking);
const { bundle } = await import('./bundle.mjs');
const address = await bundle('localstack/s3-server/main.ts');
await stop();
await import(address);
