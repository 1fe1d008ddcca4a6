// Counts how often the process died while it opened one build of a connector: a small file beside
// the private copy, there only while the connector is being opened.
#pragma once

#include <filesystem>

namespace sluice::plugin {

class opening_marker {
  public:
    // After so many deaths a build is not opened any more.
    static constexpr int limit = 3;

    // `copy`: the private copy, whose name holds the hash of its content.
    explicit opening_marker(const std::filesystem::path& copy);
    // The opening is over, well or not.
    ~opening_marker();
    opening_marker(const opening_marker&) = delete;
    opening_marker& operator=(const opening_marker&) = delete;

    // Processes that died in it before this one; with `limit` the marker stays for good.
    int deaths() const { return deaths_; }

  private:
    const std::filesystem::path file_;
    int deaths_ = 0;
};

}  // namespace sluice::plugin
