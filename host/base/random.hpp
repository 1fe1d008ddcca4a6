// Random numbers as an interface: unpredictable in production, seeded in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>

namespace sluice::base {

class random_source {
  public:
    virtual ~random_source() = default;
    // Fills with random bytes. Any thread.
    virtual void fill(std::span<std::byte> out) = 0;
    // Uniform over all 64-bit values.
    std::uint64_t next();
    // Uniform in [0, bound); bound > 0.
    std::uint64_t below(std::uint64_t bound);
};

// OpenSSL's generator, fit for tokens and keys. Ends the process when the system has no entropy.
class secure_random final : public random_source {
  public:
    void fill(std::span<std::byte> out) override;
};

// The same sequence for the same seed. Not for secrets.
class seeded_random final : public random_source {
  public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override;

  private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace sluice::base
