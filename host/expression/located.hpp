// A value and, while paths are asked for, the way from the start to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "json/value.hpp"

namespace sluice::expression {

// A path as a list from its end to its start, shared by all paths that begin alike.
class trail {
  public:
    trail() = default;  // the start itself
    trail(const trail& other) : last_(other.last_) {
        if (last_ != nullptr) ++last_->references;
    }
    trail(trail&& other) noexcept : last_(std::exchange(other.last_, nullptr)) {}
    trail& operator=(trail other) noexcept {
        std::swap(last_, other.last_);
        return *this;
    }
    ~trail();

    trail then(json::value key) const;
    json::value to_array() const;
    std::size_t size() const { return last_ == nullptr ? 0 : last_->size; }

  private:
    struct link {
        int references;
        link* before;
        std::size_t size;
        json::value key;
    };
    explicit trail(link* owned) : last_(owned) {}

    link* last_ = nullptr;
};

enum class tracking : std::uint8_t {
    off,
    on,
    lost,  // the value was made by the program: it has no path
};

struct located {
    json::value value;
    trail path;
    tracking mode = tracking::off;

    located() = default;
    located(json::value content) : value(std::move(content)) {}  // NOLINT: implicit, untracked
    located(json::value content, trail way)
        : value(std::move(content)), path(std::move(way)), mode(tracking::on) {}

    // A value that the program made, in the mode of what it came from.
    static located made(json::value content, tracking from) {
        located fresh(std::move(content));
        fresh.mode = from == tracking::off ? tracking::off : tracking::lost;
        return fresh;
    }
};

}  // namespace sluice::expression
