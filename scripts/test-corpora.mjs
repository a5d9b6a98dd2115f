// Reads what public corpora ship beside Python's readers: npm run test:corpora -- DIR… [SHOWN].
// The directories hold JSONTestSuite, the data branch of yaml-test-suite and parquet-testing, or some
// of them; JSON and YAML are tried as a member of one record, and as they are. Exit codes: 0 no crash,
// no other rows; 1 otherwise.
import { besidePython, table } from './beside-python.mjs';

const words = process.argv.slice(2);
const shown = /^[0-9]+$/.test(words.at(-1) ?? '') ? Number(words.pop()) : 0;
await besidePython('corpora', ({ readCorpora }, options) =>
  readCorpora(words, options, table(shown)),
);
