// Preloaded by npm run test:limits: how long the event loop stood still at most, in milliseconds of
// the process's own CPU time: what else the machine does counts for nothing.
import { writeFileSync } from 'node:fs';

let longest = 0;
let last = process.cpuUsage();
const look = () => {
  const { user, system } = process.cpuUsage(last);
  longest = Math.max(longest, user + system);
  last = process.cpuUsage();
};
setInterval(look, 2).unref();
process.on('exit', () => {
  look();
  writeFileSync(process.env.KEYDRIFT_TEST_STALL, String(Math.round(longest / 1000)));
});
