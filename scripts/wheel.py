"""Packs an executable as a wheel: python3 scripts/wheel.py EXECUTABLE x64|arm64 VERSION DIRECTORY.

The wheel has no Python in it: it puts the command `keydrift` beside the environment's own. Prints its path.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

# What the runtime inside was linked against.
PLATFORMS = {"x64": "manylinux_2_28_x86_64", "arm64": "manylinux_2_28_aarch64"}

METADATA = """Metadata-Version: 2.1
Name: keydrift
Version: {version}
Summary: Proves that the support file a batch job is about to read from object storage is the one that was reviewed in git.
License: Apache-2.0
License-File: LICENSE
"""

WHEEL = """Wheel-Version: 1.0
Generator: keydrift-wheel
Root-Is-Purelib: false
Tag: py3-none-{platform}
"""


def build(executable, target, version, directory):
    root = pathlib.Path(__file__).resolve().parent.parent
    platform = PLATFORMS[target]
    info = f"keydrift-{version}.dist-info"
    files = {
        f"keydrift-{version}.data/scripts/keydrift": (pathlib.Path(executable).read_bytes(), 0o755),
        f"{info}/METADATA": (METADATA.format(version=version).encode(), 0o644),
        f"{info}/WHEEL": (WHEEL.format(platform=platform).encode(), 0o644),
        f"{info}/licenses/LICENSE": ((root / "LICENSE").read_bytes(), 0o644),
        f"{info}/licenses/THIRD-PARTY-LICENSES.txt": (
            (root / "dist" / "THIRD-PARTY-LICENSES.txt").read_bytes(),
            0o644,
        ),
    }
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in files.items())
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    path = pathlib.Path(directory) / f"keydrift-{version}-py3-none-{platform}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, (data, mode) in files.items():
            # The same bytes from the same input, whenever it is built.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
    return path


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    print(build(*sys.argv[1:5]))
