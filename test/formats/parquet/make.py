# Writes the Parquet files of this folder, by which reading them is tested: python make.py FOLDER
import pyarrow as pa, pyarrow.parquet as pq, datetime as dt, decimal, sys
D=decimal.Decimal
t=pa.table({
 'id': pa.array(['P-1','P-2',None,'ü,"x"\n']),
 'n': pa.array([1,-5,None,2**62], pa.int64()),
 'u': pa.array([2**64-1,0,None,5], pa.uint64()),
 'u32': pa.array([2**32-1,0,None,5], pa.uint32()),
 'i8': pa.array([-1,0,None,5], pa.int8()),
 'dec': pa.array([D('1.10'),D('-0.05'),None,D('99999999.99')], pa.decimal128(12,2)),
 'dec38': pa.array([D('12345678901234567890123456789012345.678'),D('-0.001'),None,D('0.000')], pa.decimal128(38,3)),
 'd': pa.array([dt.date(2026,1,1),dt.date(1969,12,31),None,dt.date(1,1,1)]),
 'ts': pa.array([1767225600123456,-1,None,0], pa.timestamp('us',tz='UTC')),
 'tsn': pa.array([1767225600123456789,-1,None,0], pa.timestamp('ns')),
 'tsm': pa.array([1767225600120,-1,None,0], pa.timestamp('ms')),
 'tm': pa.array([3600000001,0,None,86399999999], pa.time64('us')),
 'b': pa.array([True,False,None,True]),
 'f': pa.array([0.1,1e30,None,-0.0], pa.float32()),
 'g': pa.array([0.1,1e300,None,5.0], pa.float64()),
 'i32': pa.array([1,2,None,3], pa.int32()),
 'bin': pa.array([b'\x00\xff',b'',None,b'abc'], pa.binary()),
 'fix': pa.array([b'\x00\xff',b'ab',None,b'cd'], pa.binary(2)),
 's': pa.array([{'a':1,'b':{'c':'x'}},{'a':None,'b':None},None,{'a':2,'b':{'c':None}}]),
 'l': pa.array([[1,2],[],None,[3]]),
 'll': pa.array([[[1],[2,3]],[],None,[[4]]]),
 'ls': pa.array([[{'k':'x'}],[],None,[{'k':None},{'k':'z'}]]),
 'dic': pa.array(['x','y','x',None]).dictionary_encode(),
})
out=sys.argv[1]
how=dict(write_statistics=False, store_schema=False)
for codec, version in [('none','1.0'),('snappy','2.0'),('gzip','1.0'),('zstd','2.0'),('brotli','1.0'),('lz4','2.0')]:
  pq.write_table(t,f'{out}/{codec}.parquet',compression=codec,data_page_version=version,row_group_size=3,**how)
pq.write_table(t.select(['id','tsn']),f'{out}/int96.parquet',use_deprecated_int96_timestamps=True,**how)
pq.write_table(t.slice(0,0),f'{out}/empty.parquet',**how)
pq.write_table(pa.table({'m': pa.array([[('a',1)]], pa.map_(pa.string(), pa.int64())), 'id': ['P-1']}),f'{out}/map.parquet',**how)

# The hostile table of test/judge/formats.test.ts, and the same with one row changed.
def hostile(mode):
  return pa.table({
    'id': ['00012345678901234567', '2', 'ü-"3"', 'a,b', 'x\ny'],
    'mode': ['full', mode, "it's", ' padded ', None],
    'weight': pa.array([D('0.10'), D('-2.50'), D('0.00'), None, D('99999999.99')], pa.decimal128(12, 2)),
    'day': pa.array([dt.date(2026,1,31), None, dt.date(1969,12,31), dt.date(2000,2,29), dt.date(1,1,1)]),
    'at': pa.array([{'zone': 'EU'}, {'zone': None}, None, {'zone': 'US;EU'}, {'zone': '\\'}]),
  })
for name, mode in [('hostile', 'delta'), ('hostile-changed', 'gamma')]:
  pq.write_table(hostile(mode), f'{out}/{name}.parquet', **how)
