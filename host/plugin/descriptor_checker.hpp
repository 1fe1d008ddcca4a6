// Reads members of a descriptor one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::plugin {

// Collects the first thing that is wrong; later checks then cost nothing and change nothing.
class descriptor_checker {
  public:
    bool ok() const { return !failure_; }
    base::error take() { return std::move(*failure_); }

    void fail(const std::string& key, const std::string& expected) {
        if (failure_) return;
        failure_ = base::make_error(base::error_code::invalid_input,
                                    "the descriptor's `" + key + "` must be " + expected,
                                    "Correct connector.json and build the connector again.");
    }

    std::string text(const json::value& object, std::string_view name, const std::string& key,
                     bool required) {
        const json::value* found = object.find(name);
        if (!found && !required) return {};
        if (!found || !found->is_string() || (required && found->as_string().empty())) {
            fail(key, required ? "a text that is not empty" : "a text");
            return {};
        }
        return found->as_string();
    }

    std::uint32_t number(const json::value& object, std::string_view name, const std::string& key) {
        const json::value& found = object.get(name);
        if (found.is_number() && found.number_form() == json::number_form::int64) {
            const std::int64_t number = found.as_int64();
            if (number >= 0 && number <= 65'535) return static_cast<std::uint32_t>(number);
        }
        fail(key, "a whole number from 0 to 65535");
        return 0;
    }

    json::value object(const json::value& parent, std::string_view name, const std::string& key) {
        const json::value* found = parent.find(name);
        if (!found) return {};
        if (!found->is_object()) fail(key, "an object");
        return *found;
    }

    std::vector<std::string> texts(const json::value& parent, std::string_view name,
                                   const std::string& key) {
        const json::value* found = parent.find(name);
        std::vector<std::string> list;
        if (!found) return list;
        if (!found->is_array()) return fail(key, "a list of texts"), list;
        for (const json::value& item : found->items()) {
            if (!item.is_string()) return fail(key, "a list of texts"), list;
            list.push_back(item.as_string());
        }
        return list;
    }

  private:
    std::optional<base::error> failure_;
};

}  // namespace sluice::plugin
