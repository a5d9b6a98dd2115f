// What fzstd does of a hostile frame has no bound: a sequence copies beyond the end of its block (ten bytes
// hold the program for a quarter of a minute), one before the start of what there is reads zeros, and each
// block moves the whole window (one of a byte, 128 MiB). So its module is changed where it is bundled.
import { readFile } from 'node:fs/promises';

/** Each stands once in the module; what takes its place. RFC 8878, 3.1.1.2.4 and 3.1.1.3.2.2. */
const changes = [
  // A block holds no more than its buffer, and no offset is zero.
  [
    'for (var i = 0; i < ll; ++i) {',
    'if (off < 1 || oubt + ll + ml > buf.length || spl + ll > buf.length) err(0);\nfor (var i = 0; i < ll; ++i) {',
  ],
  // What is copied from before the block stands in the window.
  ['var bs = st.e + stin;', 'if (len > st.q || len > st.k) err(0);\nvar bs = st.e + stin;'],
  // The window has room behind it, and is moved when that is full.
  ['w ? 0 : ws) + 12);', 'w ? 0 : ws + Math.max(Math.min(ws, 131072), ws >> 2)) + 12);'],
  ['e: ws,', 'e: ws, k: ws, q: 0,'],
  ['cpw(this.s.w, 0, blk.length);', 'keep(this.s, blk);'],
  ['this.s.w.set(blk, this.s.w.length - blk.length);', ''],
];

const keep = `
function keep(st, blk) {
  if (st.e + blk.length > st.w.length) {
    st.w.copyWithin(0, st.e - st.k, st.e);
    st.e = st.k;
  }
  st.w.set(blk, st.e);
  st.e += blk.length;
  st.q += blk.length;
}
`;

const module = new URL('../node_modules/fzstd/esm/index.mjs', import.meta.url);

/** The module's text, changed. */
export async function boundedZstd() {
  let text = await readFile(module, 'utf8');
  for (const [from, to] of changes) {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error('fzstd is another than the one that was bounded');
    text = parts.join(to);
  }
  return text + keep;
}

export const boundZstd = {
  name: 'bound zstd',
  setup({ onLoad }) {
    onLoad({ filter: /fzstd\/esm\/index\.mjs$/ }, async () => ({
      contents: await boundedZstd(),
      loader: 'js',
    }));
  },
};
