#!/usr/bin/env bash
# LocalStack runs this inside its container when it is ready: the demo's buckets and objects, as
# localstack/seed.ts writes them. The list of both is seed/objects.txt. A second run writes nothing.
set -euo pipefail

seed=${KEYDRIFT_SEED:-/opt/keydrift/seed}
held=$(mktemp)
trap 'rm -f "$held"' EXIT

lines() {
  grep -Ev '^(#|$)' "$seed/objects.txt"
}

# The files of one object, oldest first.
history_of() {
  local bucket key file _
  while read -r bucket key file _; do
    if [[ "$bucket $key" == "$1 $2" ]]; then echo "$file"; fi
  done < <(lines)
}

# The object's bytes are the given file's already.
holds() {
  awslocal s3api get-object --bucket "$1" --key "$2" "$held" >/dev/null 2>&1 &&
    cmp -s "$held" "$seed/$3"
}

while read -r bucket; do
  awslocal s3api head-bucket --bucket "$bucket" >/dev/null 2>&1 ||
    awslocal s3api create-bucket --bucket "$bucket" >/dev/null
  awslocal s3api put-bucket-versioning --bucket "$bucket" \
    --versioning-configuration Status=Enabled
done < <(lines | cut -d ' ' -f 1 | sort -u)

while read -r bucket key; do
  files=$(history_of "$bucket" "$key")
  if holds "$bucket" "$key" "${files##*$'\n'}"; then continue; fi
  while read -r file; do
    awslocal s3api put-object --bucket "$bucket" --key "$key" \
      --content-type text/csv --body "$seed/$file" >/dev/null
  done <<<"$files"
done < <(lines | cut -d ' ' -f 1,2 | sort -u)

echo "keydrift: the demo's objects are in place"
