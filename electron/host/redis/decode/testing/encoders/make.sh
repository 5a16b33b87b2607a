#!/usr/bin/env bash
# Makes ../encoded.json with the real encoders of other languages. Needs python3 with msgpack, cbor2, bson (pymongo),
# zstandard, lz4, brotli and snappy, and php, ruby and java on the path (Debian: python3-msgpack python3-cbor2
# python3-bson python3-zstandard python3-lz4 python3-brotli python3-snappy php-cli ruby default-jdk-headless).
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 encode.py >"$work/python"
php -n encode.php >"$work/php"
ruby encode.rb >"$work/ruby"
java Encode.java >"$work/java"
{
  echo '['
  cat "$work/python" "$work/php" "$work/ruby" "$work/java" | sed '$!s/$/,/'
  echo ']'
} >../encoded.json
