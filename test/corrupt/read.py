"""What Python's readers make of the files of an archive: a line of JSON for each.

The archive: for each file a line of JSON {"name", "bytes"}, then its bytes.
"""
import csv, datetime, decimal, gzip, io, json, math, sys
import numpy
import pyarrow.parquet as parquet
import yaml
import zstandard

LIMIT = 64 * 1024 * 1024


def expanded(name, body):
    if name.endswith('.gz'):
        return name[:-3], gzip.decompress(body)
    if name.endswith('.zst'):
        out, reader = b'', zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True)
        out = reader.read(LIMIT + 1)
        if len(out) > LIMIT:
            raise ValueError('too large')
        return name[:-4], out
    return name, body


def pairs(found):
    names = [name for name, _ in found]
    if len(set(names)) != len(names):
        raise ValueError('a name twice')
    return dict(found)


def no_constant(text):
    raise ValueError(text)


def loads(text):
    return json.loads(text, parse_float=Text, parse_int=Text, parse_constant=no_constant, object_pairs_hook=pairs)


class Text(str):
    pass


def flat(value, name, out):
    if isinstance(value, dict):
        for key, member in value.items():
            flat(member, f'{name}.{key}', out)
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            flat(item, f'{name}.{at}', out)
    elif value is None or value == '':
        pass
    else:
        text = shown(value)
        if '\0' in text or any(0xD800 <= ord(c) < 0xE000 for c in text):
            raise ValueError('no text')
        out[name] = text


def shown(value):
    if value is True or value is False:
        return 'true' if value else 'false'
    if isinstance(value, decimal.Decimal):
        return format(value, 'f')
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, numpy.float32):
        return shown_float(float(value), str(value))
    if isinstance(value, float):
        return shown_float(value, repr(value))
    return str(value)


def shown_float(value, text):
    if math.isnan(value):
        return 'NaN'
    if value == 0:
        return '-0' if math.copysign(1, value) < 0 else '0'
    if math.isfinite(value) and value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return text


def row(value):
    if not isinstance(value, dict):
        raise ValueError('no record')
    out = {}
    for key, member in value.items():
        flat(member, f'.{key}', out)
    return out


def text_of(body):
    text = body.decode('utf-8')
    return text[1:] if text.startswith('\ufeff') else text


def read_csv(body):
    text = text_of(body)
    if '\0' in text:
        raise ValueError('NUL')
    rows = [cells for cells in csv.reader(io.StringIO(text, newline=''), strict=True) if cells]
    head, out = rows[0], []
    for cells in rows[1:]:
        if len(cells) != len(head):
            out.append({'#': len(cells)})
            continue
        found = {}
        for name, cell in zip(head, cells):
            if cell == '':
                found.pop(f'.{name}', None)
            else:
                found[f'.{name}'] = cell
        out.append(found)
    return out


def read_json(body):
    found = loads(text_of(body))
    if not isinstance(found, list):
        raise ValueError('no list')
    return [row(one) for one in found]


def read_ndjson(body):
    lines = text_of(body).split('\n')
    return [row(loads(line)) for line in lines if line.strip(' \t\r') != '']


class Loader(yaml.BaseLoader):
    def construct_mapping(self, node, deep=False):
        names = [self.construct_object(key) for key, _ in node.value]
        if len(set(names)) != len(names):
            raise ValueError('a name twice')
        return super().construct_mapping(node, deep=True)


Loader.add_constructor('tag:yaml.org,2002:map', lambda loader, node: loader.construct_mapping(node))


def plain(node, loader):
    """Plain scalars that are null in the core schema are none."""
    if isinstance(node, yaml.MappingNode):
        found = [(plain(k, loader), plain(v, loader)) for k, v in node.value]
        return pairs(found)
    if isinstance(node, yaml.SequenceNode):
        return [plain(one, loader) for one in node.value]
    if node.style is None and node.value in ('', '~', 'null', 'Null', 'NULL'):
        return None
    return node.value


def read_yaml(body):
    loader = yaml.BaseLoader(text_of(body))
    node = loader.get_single_node()
    found = plain(node, loader)
    if not isinstance(found, list):
        raise ValueError('no list')
    return [row(one) for one in found]


def read_parquet(body):
    table = parquet.read_table(io.BytesIO(body))
    narrow = {'float': numpy.float32}
    columns = [(field.name, narrow.get(str(field.type))) for field in table.schema]
    rows = []
    for one in table.to_pylist():
        for name, kind in columns:
            if kind is not None and one[name] is not None:
                one[name] = kind(one[name])
        rows.append(row(one))
    return rows


readers = {
    'csv': read_csv,
    'json': read_json,
    'ndjson': read_ndjson,
    'yaml': read_yaml,
    'parquet': read_parquet,
}


def outcome(name, body):
    try:
        plain_name, content = expanded(name, body)
        rows = readers[plain_name.rsplit('.', 1)[1]](content)
        return {'rows': [json.dumps(dict(sorted(one.items())), ensure_ascii=False, separators=(',', ':')) for one in rows]}
    except Exception as error:  # noqa: BLE001: whatever a reader throws, it does not read the file
        return {'error': f'{type(error).__name__}: {error}'[:200]}


def main():
    with open(sys.argv[1], 'rb') as archive:
        while line := archive.readline():
            told = json.loads(line)
            print(json.dumps(outcome(told['name'], archive.read(told['bytes']))))


main()
