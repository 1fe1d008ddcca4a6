// "Surely not seen" without asking the database: most keys are new, and asking each hour of a
// three-day window for them costs more than storing the event. Internal to this module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::store {

// A Bloom filter that grows: each layer is twice as large as the one before, from 4 KB on. Two
// bytes of memory a key. Keys are 16 bytes of a digest.
class key_filter {
  public:
    void add(const std::string& key);
    // False: was never added. True: was added, or (about 1 in 200) looks as if it was.
    bool may_have(const std::string& key) const;
    std::size_t bytes() const;

  private:
    std::vector<std::vector<std::uint64_t>> layers_;
    std::size_t in_last_ = 0;  // keys in the last layer
};

}  // namespace sluice::store
