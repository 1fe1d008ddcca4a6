// Memory that ends where a struct ends: one byte further, and the process gets a signal.
#pragma once

#include <cstddef>

namespace sluice::testing {

class guarded_bytes {
  public:
    explicit guarded_bytes(std::size_t size);
    guarded_bytes(const guarded_bytes&) = delete;
    guarded_bytes& operator=(const guarded_bytes&) = delete;
    ~guarded_bytes();

    void* get() const noexcept { return start_; }

  private:
    void* pages_ = nullptr;
    std::size_t mapped_ = 0;
    void* start_ = nullptr;
};

}  // namespace sluice::testing
