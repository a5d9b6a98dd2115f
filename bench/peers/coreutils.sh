#!/bin/bash
# Physical lines and a naive split: quoted line breaks make its counts wrong.
set -e
export LC_ALL=C
directory=$(mktemp -d)
trap 'rm -r "$directory"' EXIT
tail -n +2 "$1" | cut -d, -f1-3 | sort -u > "$directory/a"
tail -n +2 "$2" | cut -d, -f1-3 | sort > "$directory/b"
uniq "$directory/b" | comm -13 "$directory/a" - | wc -l
uniq "$directory/b" | comm -23 "$directory/a" - | wc -l
uniq -d "$directory/b" | wc -l
