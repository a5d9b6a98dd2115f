// The kernel's exports. AssemblyScript: compiled by scripts/build.mjs, not by tsc.

export { allocate } from './memory';
export {
  begin,
  finish,
  invalidCount,
  invalidRecord,
  packArea,
  recordsRead,
  reset,
  scan,
  scanPacked,
  setColumns,
  setLimits,
  setWindow,
} from './scan';
export { packEnd } from './cells';
export { lineOf } from './lines';
export { digestSums } from './digest';
export { indexRows, repeatedRows, tableRows } from './table';
export { addNewKeys, keysInBoth, startNewKeys } from './probe';
export { keysMayBeRespelled } from './spelling';
export { startOf } from './starts';
export {
  collect,
  collectArea,
  collectKept,
  hasHashes,
  hashesOf,
  hashKey,
  isInvalid,
  keptRecord,
  keptRows,
  loneRowOf,
  loneRowsLeft,
  startCollecting,
} from './confirm';
export {
  addOrderKept,
  addOrderRows,
  commonUnits,
  rowBesideRecord,
  rowsOfUnit,
  startOrder,
} from './order';
export { addToken, resetTokens, watchSlots } from './watch';
