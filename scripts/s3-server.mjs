// `npm run s3 -- [--port NUMBER] [--bucket NAME]`: the embedded S3 server by itself, until Ctrl-C;
// `put FILE s3://BUCKET/KEY`: a file into one that runs. `--help` tells all of it.
const lacking = () => {
  console.error('The packages of this project are not installed yet: npm ci');
  process.exit(2);
};
if (process.argv[2] === 'put') {
  const { put } = await import('./s3-put.mjs').catch(lacking);
  await put(process.argv.slice(3));
} else {
  const { stop } = await import('esbuild').catch(lacking);
  const { bundle } = await import('./bundle.mjs');
  const address = await bundle('localstack/s3-server/main.ts');
  await stop();
  await import(address);
}
