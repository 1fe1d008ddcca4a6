// Header fields whose names are compared without case.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

bool same_name(std::string_view a, std::string_view b) noexcept;

class header_list {
  public:
    // Replaces one of the same name.
    void set(std::string name, std::string content);
    void erase(std::string_view name);
    // Leaves only what any server may see: Accept..., Content-..., User-Agent.
    void keep_harmless();
    std::string_view get(std::string_view name) const noexcept;  // empty: it is not there
    const std::vector<std::pair<std::string, std::string>>& all() const noexcept { return all_; }

    // Those of an object; null removes one. SLUICE_INVALID_INPUT for what is the host's business
    // (Host, Content-Length, ...), and for names and texts that cannot stand in a header.
    void set_all(const json& fields, std::string_view where);

  private:
    std::vector<std::pair<std::string, std::string>> all_;
};

}  // namespace sluice::http
