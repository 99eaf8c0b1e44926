#!/bin/sh
# The command, in the Node that came with it.
program=$(dirname "$(readlink -f "$0")")/../lib/gatehouse
exec "$program/node_modules/@NODE@/bin/node" "$program/bin/gatehouse.mjs" "$@"
