#!/bin/sh
# Scores face pictures with GNU parallel, on the cores of this machine or of many.
#
#     score_with_parallel.sh LIST SCORES [OPTION OF PARALLEL ...]
#
# LIST names one picture in each line. SCORES is a folder: every 250 lines of the list (BLOCK, if it is set) become one file of
# JSON lines there, called by its number, so that `cat SCORES/*.jsonl` has the order of the list. Start it again in the same way
# to go on after a stop. SERFIQ names the program, else it is `serfiq` on the path.
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

# Another program of that name is in moreutils.
if ! parallel --version 2>/dev/null | grep -q 'GNU parallel'; then
    echo "$0: GNU parallel is missing; install it (Debian: \`apt-get install parallel\`)" >&2
    exit 2
fi

# parallel knows blocks by their number alone: it goes on rightly only with the same list in the same blocks.
mkdir -p "$scores"
copy="$scores/list-in-blocks-of-$block"
if [ -z "$(ls -A "$scores")" ]; then
    cp "$list" "$copy"
elif ! cmp -s "$list" "$copy"; then
    echo "$0: $scores is not empty and has no scores of $list in blocks of $block; name an empty folder, or the list of before" >&2
    exit 2
fi

# One core a process. Status 1 tells of unreadable pictures, and so do their lines; any other ends the run, because what is
# wrong with the program is wrong with every block. A block counts only when it was scored whole.
if ! parallel --pipe --env SERFIQ --joblog "$scores/joblog" --resume-failed --halt now,fail=1 \
    --results "$scores"'/{= $_ = sprintf("%08d", seq()) =}.jsonl' "$@" -N "$block" \
    '"$SERFIQ" score --stdin --format jsonl --threads 1 || test $? = 1' < "$list" > /dev/null; then
    echo "$0: not every block was scored; what the program said is in $scores/*.err. Start it again in the same way to go on" >&2
    exit 2
fi
