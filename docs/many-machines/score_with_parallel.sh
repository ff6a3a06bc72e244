#!/bin/sh
# Scores face pictures with GNU parallel, on the cores of this machine or of many.
#
#     score_with_parallel.sh LIST SCORES [OPTION OF PARALLEL ...]
#
# LIST names one picture per line. SCORES is a folder: every 250 lines of the list (BLOCK, if it is set) become one file of JSON lines
# there, named by its number, so that `cat SCORES/*.jsonl` has the order of the list. Run it again in the same way to continue after an
# interruption. SERFIQ names the program; the default is `serfiq` on the path.
set -eu
if [ $# -lt 2 ]; then
    echo "usage: $0 LIST SCORES [OPTION OF PARALLEL ...]" >&2
    exit 2
fi
list=$1
scores=$2
shift 2
block=${BLOCK:-250}
export SERFIQ="${SERFIQ:-serfiq}"

# moreutils has another program of that name.
if ! parallel --version 2>/dev/null | grep -q 'GNU parallel'; then
    echo "$0: GNU parallel is missing; install it (Debian: \`apt-get install parallel\`)" >&2
    exit 2
fi

# parallel knows blocks only by number, so it can continue only with the same list in the same blocks.
mkdir -p "$scores"
copy="$scores/list-in-blocks-of-$block"
if [ -z "$(ls -A "$scores")" ]; then
    cp "$list" "$copy"
elif ! cmp -s "$list" "$copy"; then
    echo "$0: $scores is not empty and has no scores of $list in blocks of $block; name an empty folder, or use the same list and BLOCK" >&2
    exit 2
fi

# One core per process. Status 1 means unreadable pictures, which their lines report, too. Any other status ends the run, because a fault in
# the program affects every block. A block counts only if it was scored completely.
if ! parallel --pipe --env SERFIQ --joblog "$scores/joblog" --resume-failed --halt now,fail=1 \
    --results "$scores"'/{= $_ = sprintf("%08d", seq()) =}.jsonl' "$@" -N "$block" \
    '"$SERFIQ" score --stdin --format jsonl --threads 1 || test $? = 1' < "$list" > /dev/null; then
    echo "$0: not every block was scored; the program's messages are in $scores/*.err. Run it again in the same way to continue" >&2
    exit 2
fi
