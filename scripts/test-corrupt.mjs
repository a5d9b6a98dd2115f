// Cuts and flips every format in every compression, and reads all of it beside Python's readers:
// npm run test:corrupt [-- FLIPS [SEED [SHOWN]]]. It installs pyarrow, PyYAML and zstandard from PyPI
// into an environment of its own. Exit codes: 0 no crash, no other rows; 1 otherwise.
import { besidePython, table } from './beside-python.mjs';

const [flips = '2000', seed = '1', shown = '0'] = process.argv.slice(2);
await besidePython('corrupt', ({ tryAll }, options) =>
  tryAll({ ...options, flips: Number(flips), seed: Number(seed) }, table(Number(shown))),
);
