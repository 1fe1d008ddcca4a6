#include "moving.hpp"

#include <sluice/option.hpp>

#include "paths.hpp"

namespace files {

using sluice::failure;

overwrite_policy read_overwrite(const json& input, overwrite_policy fallback) {
    if (input["overwrite"].is_null()) return fallback;
    const std::string name =
        sluice::choice_option(input, "overwrite", {"fail", "replace", "keepBoth"});
    return name == "fail"      ? overwrite_policy::fail
           : name == "replace" ? overwrite_policy::replace
                               : overwrite_policy::keep_both;
}

expected_file::expected_file(const json& input)
    : modified_(sluice::string_option(input, "modifiedAt", "")) {
    if (!input["size"].is_null()) {
        size_ = static_cast<std::uint64_t>(sluice::int_option(input, "size", 0, 0, INT64_MAX));
    }
}

void expected_file::check(const file_info& found) const {
    const bool same = (!size_ || *size_ == found.size) &&
                      (modified_.empty() || modified_ == utc_text(found.modified));
    if (!same) throw failure(SLUICE_CONFLICT, "'" + found.path + "' was changed meanwhile");
}

arrival move_file(const root& folder, const movement& wanted) {
    const std::string beside = with_hash(wanted.to, wanted.hash);
    const std::optional<file_info> source = folder.find(wanted.from);
    if (!source) {
        const bool kept_both = wanted.overwrite == overwrite_policy::keep_both;
        if (kept_both && folder.find(beside)) return {beside, true};
        if (folder.find(wanted.to)) return {wanted.to, true};
        throw failure(SLUICE_NOT_FOUND, "there is no '" + wanted.from + "'");
    }
    wanted.expected.check(*source);
    if (wanted.from == wanted.to) return {wanted.to, false};
    const auto how = wanted.overwrite == overwrite_policy::replace ? root::replacing::allowed
                                                                   : root::replacing::refused;
    if (folder.rename(wanted.from, wanted.to, how)) return {wanted.to, false};
    if (wanted.overwrite == overwrite_policy::keep_both &&
        folder.rename(wanted.from, beside, root::replacing::refused)) {
        return {beside, false};
    }
    throw failure(SLUICE_CONFLICT, "there is another '" + wanted.to + "' already");
}

}  // namespace files
