# Shared by the shell programs in this folder; to be sourced.

SLUICE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# How many compilers this machine can run at once: one per core, and 1.5 GB of free memory for each.
build_jobs() {
    local cores memory_kb by_memory
    cores=$(nproc)
    memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    by_memory=$((${memory_kb:-0} / 1572864))
    ((by_memory >= 1)) || by_memory=1
    echo $((cores < by_memory ? cores : by_memory))
}

# configure_and_build PRESET [TARGET...]: the build folder is build/PRESET.
configure_and_build() {
    local preset=$1 jobs
    shift
    jobs=$(build_jobs)
    (cd "$SLUICE_ROOT" && cmake --preset "$preset" >/dev/null) || fail "configuring $preset failed"
    cmake --build "$SLUICE_ROOT/build/$preset" -j "$jobs" ${1:+--target "$@"} ||
        fail "building $preset failed"
}
