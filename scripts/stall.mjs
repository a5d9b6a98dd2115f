// Preloaded by npm run test:limits: how long the event loop stood still at most, in milliseconds of the
// CPU time of its own thread, where Linux tells it: what else the machine does, and what V8 does beside
// it on threads of its own, counts for nothing.
import { openSync, readSync, writeFileSync } from 'node:fs';

const used = threadTime() ?? (() => process.cpuUsage().user + process.cpuUsage().system);
let longest = 0;
let last = used();
const look = () => {
  const now = used();
  longest = Math.max(longest, now - last);
  last = now;
};

/** Gives the microseconds of this thread; null where nobody tells them. */
function threadTime() {
  try {
    const told = openSync(`/proc/self/task/${process.pid}/schedstat`);
    const bytes = Buffer.alloc(64);
    return () => parseInt(bytes.toString('latin1', 0, readSync(told, bytes, 0, 64, 0)), 10) / 1000;
  } catch {
    return null;
  }
}

setInterval(look, 2).unref();
process.on('exit', () => {
  look();
  writeFileSync(process.env.KEYDRIFT_TEST_STALL, String(Math.round(longest / 1000)));
});
