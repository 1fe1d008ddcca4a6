#include "guarded_bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>

namespace sluice::testing {

guarded_bytes::guarded_bytes(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t usable = (size + page - 1) / page * page;
    mapped_ = usable + page;
    pages_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages_ == MAP_FAILED) throw std::bad_alloc();
    char* const guard = static_cast<char*>(pages_) + usable;
    mprotect(guard, page, PROT_NONE);
    start_ = guard - size;  // sizes of the ABI's structs are multiples of their alignment
}

guarded_bytes::~guarded_bytes() { munmap(pages_, mapped_); }

}  // namespace sluice::testing
