#include "plugin/folder_survey.hpp"

#include <algorithm>
#include <system_error>

#include "plugin/private_copy.hpp"

namespace sluice::plugin {

base::result<std::filesystem::path> folder_observer::copy_of(const found_connector& found) {
    std::error_code failure;
    const auto known = copies_.find(found.sha256);
    if (known != copies_.end() && std::filesystem::exists(known->second, failure)) {
        return known->second;
    }
    auto copy = make_private_copy(found, cache_folder_);
    if (copy) copies_[found.sha256] = *copy;
    return copy;
}

base::result<folder_survey> folder_observer::look() {
    auto scanned = scanner_.scan(folder_);
    if (!scanned) return scanned.error_value();
    folder_survey out;
    out.refused = std::move(scanned->refused);
    for (found_connector& found : scanned->found) {
        auto copy = copy_of(found);
        if (copy) {
            out.usable.emplace_back(std::move(found), std::move(*copy));
        } else {
            const base::error& why = copy.error_value();
            out.refused.push_back(refusal{found.file, why.message, why.hint});
        }
    }
    std::ranges::sort(out.refused, {}, &refusal::file);
    return out;
}

}  // namespace sluice::plugin
